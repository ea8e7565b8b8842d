"""STOIC 2021: its reference table and the headers of its scans become a table and settings."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.built import BuiltCohort
from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.settings_text import shipped_settings

from .sample import write_sample
from .scan_headers import age_and_sex

_YES_OR_NO = {"0": "0", "1": "1"}
_SETTINGS = ("mmfeat.yaml",)


def build(download: Path, variant: str) -> BuiltCohort:  # noqa: ARG001 - there is one variant
    """Make the table of all patients whose scan is there.

    Raises:
        CohortError: The download is not that of STOIC 2021.
    """
    file = find_one(
        download,
        ("metadata/reference.csv", "reference.csv", "*/metadata/reference.csv"),
        what="table of results",
    )
    root = file.parent.parent if file.parent.name == "metadata" else download
    source = read_source(file, required=("PatientID", "probCOVID", "probSevere"))
    source.unique("PatientID").known("probCOVID", "probSevere")
    covid = source.coded("probCOVID", _YES_OR_NO)
    severe = source.coded("probSevere", _YES_OR_NO)
    table = pd.DataFrame(
        {
            "case_id": source["PatientID"],
            "patient_id": source["PatientID"],
            "ct": [str(_scan(root, one).relative_to(download)) for one in source["PatientID"]],
            "covid": covid,
            "severe": severe.where(covid == "1"),
        }
    )
    there = table["ct"].map(lambda path: (download / path).is_file())
    if not there.any():
        raise CohortError(
            f"{root / 'data' / 'mha'}: holds no scan that {file.name} names, such as "
            f"{Path(table['ct'].iloc[0]).name}; download data/mha/ beside metadata/"
        )
    chosen = table[there]
    known = [age_and_sex(download / path) for path in chosen["ct"]]
    without = tuple(table.loc[~there, "case_id"])
    return BuiltCohort(
        table=chosen.join(
            pd.DataFrame(known, columns=["age", "sex"], index=chosen.index, dtype=object)
        ),
        settings=shipped_settings(__package__, _SETTINGS),
        path_columns=("ct",),
        sources=(file,),
        notes=_notes(n_not_asked=int((chosen["covid"] == "0").sum()), known=known),
        left_out={"its scan is not in the folder": without} if without else {},
    )


def _scan(root: Path, patient_id: str) -> Path:
    return root / "data" / "mha" / f"{patient_id}.mha"


def _notes(*, n_not_asked: int, known: list[tuple[str | None, str | None]]) -> tuple[str, ...]:
    notes = [f"`severe` is empty for {n_not_asked} patients without COVID-19, as in the challenge"]
    lacking = sum(age is None or sex is None for age, sex in known)
    if lacking:
        notes.append(f"the headers of {lacking} scans lack age or sex")
    return tuple(notes)


COHORT = PublicCohort(
    name="stoic",
    title="STOIC 2021 (Study of Thoracic CT in COVID-19), public training set",
    homepage="https://stoic2021.grand-challenge.org/stoic-db/",
    licence="CC BY-NC 4.0: not for commercial use",
    access="Open, without registration: aws s3 sync s3://stoic2021-training/ . --no-sign-request",
    citation=(
        "Revel et al., Study of Thoracic CT in COVID-19: The STOIC Project, Radiology 2021, "
        "doi 10.1148/radiol.2021210384\n"
        "Boulogne et al., The STOIC2021 COVID-19 AI challenge: applying reusable training "
        "methodologies to private data, Medical Image Analysis 2024, 97:103230, "
        "doi 10.1016/j.media.2024.103230 (arXiv 2306.10484)"
    ),
    variants={"scans": "the scan, and the age and sex of its header"},
    build=build,
    write_sample=write_sample,
)
