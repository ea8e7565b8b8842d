"""What radiologists noted on each screen: nodules of 4 mm and more, and emphysema.

A reading exists once somebody has read the scan, so it is no input where the scan alone is to
answer; it stands in the table to be added on purpose.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.public_cohorts.downloads import find_optional
from mmfeat.public_cohorts.reading import read_source

from .participants import MISSING

COLUMNS = ("read_nodules", "read_largest_nodule_mm", "read_emphysema")
_PATTERNS = (
    *("nlst_*_ctab_*.csv", "*/nlst_*_ctab_*.csv", "*/*/nlst_*_ctab_*.csv"),
    *("sct_abnormalities[._]d*.csv", "*/sct_abnormalities[._]d*.csv"),
    *("nlst_ctab.parquet", "*/nlst_ctab.parquet"),
)
_NODULE, _EMPHYSEMA = "51", "59"
_DESCRIPTIONS = {str(code): str(code) for code in range(51, 66)}
_YEARS = {str(year): year for year in range(3)}


@dataclass(frozen=True)
class Readings:
    """Hold the readings of all screens."""

    file: Path
    frame: pd.DataFrame
    """By participant and year, the columns of `COLUMNS`; only screens with an abnormality."""

    def of(self, cases: pd.DataFrame) -> pd.DataFrame:
        """Return the readings of cases; where nothing was noted there are no nodules.

        Args:
            cases: By case: ``pid`` and ``study_yr``.
        """
        places = pd.MultiIndex.from_frame(cases[["pid", "study_yr"]])
        found = self.frame.reindex(places).set_axis(cases.index, axis=0)
        counted = ["read_nodules", "read_emphysema"]
        return found.assign(**found[counted].fillna(0))


def read_readings(download: Path) -> Readings | None:
    """Read the table of abnormalities of a download; None where there is none.

    Raises:
        CohortError: It is not what the dictionary says.
    """
    file = find_optional(download, _PATTERNS, what="table of abnormalities on CT")
    if file is None:
        return None
    required = ("pid", "study_yr", "sct_ab_desc", "sct_long_dia")
    table = read_source(file, required=required, missing=MISSING)
    frame = table.frame.map(label_text, na_action="ignore")
    plain = type(table)(file=file, frame=frame, place=table.place).known("pid", "study_yr")
    kinds = plain.coded("sct_ab_desc", _DESCRIPTIONS)
    nodule = kinds == _NODULE
    notes = pd.DataFrame(
        {
            "pid": plain["pid"],
            "study_yr": plain.coded("study_yr", {text: text for text in _YEARS}).map(_YEARS),
            "read_nodules": nodule.astype(float),
            "read_largest_nodule_mm": plain.number("sct_long_dia", minimum=0).where(nodule),
            "read_emphysema": (kinds == _EMPHYSEMA).astype(float),
        }
    )
    rules = {
        "read_nodules": "sum",
        "read_largest_nodule_mm": "max",
        "read_emphysema": "max",
    }
    return Readings(file, notes.groupby(["pid", "study_yr"]).agg(rules))
