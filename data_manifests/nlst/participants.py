"""Read the participants of NLST: who they are, when they were screened, what became of them.

There are two releases of this table. The public one of TCIA and IDC (2021-05-28) has 39 columns;
the one that CDAS gives out on request has some 300, among them smoking histories and `fup_days`.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.source_table import SourceTable

SCREENS = (0, 1, 2)
"""The yearly screens T0, T1 and T2."""
MISSING = (".", ".E", ".F", ".M", ".N", ".R", ".S", ".W")
"""SAS's words for what is not known; the public files have empty cells instead."""
FAMILY = ("fambrother", "famchild", "famfather", "fammother", "famsister")
EARLIER_CANCER = (
    *("cancblad", "cancbrea", "canccerv", "canccolo", "cancesop", "canckidn", "canclary"),
    *("canclung", "cancnasa", "cancoral", "cancpanc", "cancphar", "cancstom", "cancthyr"),
    "canctran",
)
REQUESTED = (
    *("ethnic", "educat", "height", "weight"),
    *("pkyr", "smokeday", "smokeyr", "smokeage", "age_quit"),
    *("diagcopd", "diagemph", "diagchro"),
    *FAMILY,
    *EARLIER_CANCER,
)
"""Columns that only the release on request has."""
_PATTERNS = (
    *("nlst_*_prsn*.csv", "*/nlst_*_prsn*.csv", "*/*/nlst_*_prsn*.csv"),
    *("participant[._]d*.csv", "*/participant[._]d*.csv"),
    *("nlst_prsn*.parquet", "*/nlst_prsn*.parquet"),
)
_REQUIRED = (
    *("pid", "age", "gender", "race", "cigsmok", "candx_days"),
    *(f"scr_days{year}" for year in SCREENS),
    *(f"scr_res{year}" for year in SCREENS),
)
_FOLLOWED = ("fup_days", "canc_free_days")


@dataclass(frozen=True)
class Participants:
    """Hold the table, and the days that everything is counted from."""

    table: SourceTable
    """A row for each participant; codes are texts without decimals."""
    days: pd.DataFrame
    """By participant: ``screened0`` to ``screened2``, ``diagnosed`` and ``followed``, days from
    randomisation, NaN where there is none."""
    followed_by: str
    """The column that says until when a participant without cancer was followed."""


def read_participants(download: Path) -> Participants:
    """Read the table of participants of a download, in either release.

    Raises:
        CohortError: There is none, or it is not what the dictionaries say.
    """
    file = find_one(download, _PATTERNS, what="table of participants")
    read = read_source(file, required=_REQUIRED, optional=(*_FOLLOWED, *REQUESTED), missing=MISSING)
    if set(_FOLLOWED) <= set(read.absent):
        raise CohortError(
            f"{file}: has neither `fup_days` nor `canc_free_days`, so nobody knows until when "
            "participants without cancer were followed; download the table again"
        )
    plain = replace(read, frame=read.frame.map(label_text, na_action="ignore"))
    table = plain.unique("pid")
    followed_by = next(name for name in _FOLLOWED if name not in read.absent)
    days = pd.DataFrame(
        {
            **{f"screened{year}": table.number(f"scr_days{year}") for year in SCREENS},
            "diagnosed": table.number("candx_days"),
            "followed": table.number(followed_by),
        }
    )
    return Participants(table, days.set_axis(table["pid"], axis=0), followed_by)
