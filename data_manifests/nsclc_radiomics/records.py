"""What the clinical file of NSCLC-Radiomics says of a patient."""

from typing import Any

import pandas as pd

from mmfeat.public_cohorts.source_table import SourceTable

MISSING = ("NA",)
REQUIRED = (
    *("PatientID", "age", "clinical.T.Stage", "Clinical.N.Stage", "Clinical.M.Stage"),
    *("Overall.Stage", "Histology", "gender", "Survival.time", "deadstatus.event"),
)
"""Columns of the clinical file that are read."""
TWO_YEARS_DAYS = 730
_NO_TNM = {"clinical.T.Stage": "5", "Clinical.N.Stage": "4", "Clinical.M.Stage": "3"}
"""Values that are no stages of TNM; what they stand for is not written in the file."""


def inputs(source: SourceTable) -> pd.DataFrame:
    """Return what was known before treatment.

    Raises:
        CohortError: A value is none that is known.
    """
    stages = {name: name for name in ("I", "II", "IIIa", "IIIb")}
    histology = ("adenocarcinoma", "large cell", "squamous cell carcinoma", "nos")
    return pd.DataFrame(
        {
            "age": source.number("age", minimum=0, maximum=120),
            "sex": source.coded("gender", {"male": "male", "female": "female"}),
            "t_stage": _stage(source, "clinical.T.Stage", ("1", "2", "3", "4")),
            "n_stage": _stage(source, "Clinical.N.Stage", ("0", "1", "2", "3")),
            "m_stage": _stage(source, "Clinical.M.Stage", ("0", "1")),
            "overall_stage": source.coded("Overall.Stage", stages),
            "histology": source.coded("Histology", {name: name for name in histology}),
            "histology_known": source.coded(
                "Histology", {name: None if name == "nos" else name for name in histology}
            ),
        }
    )


def outcomes(source: SourceTable) -> pd.DataFrame:
    """Return the survival, and whether a patient died within two years.

    Raises:
        CohortError: A value is none that is known.
    """
    days = source.known("Survival.time").number("Survival.time", minimum=0)
    died = source.known("deadstatus.event").coded("deadstatus.event", {"0": "0", "1": "1"})
    within = (died == "1") & (days <= TWO_YEARS_DAYS)
    two_years = within.map({True: "1", False: "0"}).astype(object)
    lost = (died == "0") & (days < TWO_YEARS_DAYS)
    return pd.DataFrame(
        {
            "survival_days": days,
            "died": died,
            "died_2y": two_years.mask(lost),
        }
    )


def without_tnm(source: SourceTable) -> tuple[str, ...]:
    """Return whose T, N or M is a number that is no stage; it is taken as unknown."""
    strange = pd.Series(False, index=source.frame.index)
    for column, code in _NO_TNM.items():
        strange |= source.number(column) == int(code)
    return tuple(source["PatientID"][strange])


def _stage(source: SourceTable, column: str, stages: tuple[str, ...]) -> "pd.Series[Any]":
    known: dict[str, str | None] = {stage: stage for stage in stages}
    return source.coded(column, known | {_NO_TNM[column]: None})
