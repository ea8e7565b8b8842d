"""Read TCIA's table of diagnoses, which some of the patients of LIDC-IDRI have."""

from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.manifest.reading import FIRST_ROW, read_manifest
from mmfeat.public_cohorts.downloads import find_optional
from mmfeat.public_cohorts.source_table import SourceTable

_FILES = tuple(
    f"{folder}tcia-diagnosis-data*{ending}" for ending in (".csv", ".xlsx") for folder in ("", "*/")
)
_OLD = ("tcia-diagnosis-data*.xls", "*/tcia-diagnosis-data*.xls")
_PATIENT, _DIAGNOSIS = "TCIA Patient ID", "Diagnosis at the Patient Level"
"""How the headers begin; the second goes on with what its codes mean."""
_CODES = {"0": None, "1": "benign", "2": "primary", "3": "metastatic"}


def read_diagnoses(download: Path) -> tuple[Path, "pd.Series[str]"]:
    """Return the file, and what is known of each patient: benign, primary or metastatic.

    Raises:
        CohortError: There is no such table, or it cannot be understood.
    """
    file = find_optional(download, _FILES, what="table of diagnoses")
    if file is None:
        old = find_optional(download, _OLD, what="table of diagnoses")
        if old is not None:
            raise CohortError(
                f"{old}: files of old Excel are not read; save it as .xlsx or .csv beside it"
            )
        raise CohortError(
            f"{download}: holds no table of diagnoses (tcia-diagnosis-data*.csv or .xlsx); it is a "
            "link of its own on TCIA's page"
        )
    frame = read_manifest(file, (), named_by="the download", rows_are="row")
    names = {begin: _column(file, frame, begin) for begin in (_PATIENT, _DIAGNOSIS)}
    chosen = frame[list(names.values())].set_axis(list(names), axis=1)
    numbered = chosen.set_axis(range(FIRST_ROW, FIRST_ROW + len(chosen)), axis=0)
    table = SourceTable(file=file, frame=numbered).unique(_PATIENT)
    table.checked(
        _PATIENT,
        lambda text: text.startswith("LIDC-IDRI-"),
        must="must be one such as LIDC-IDRI-0068",
    )
    known = table.coded(_DIAGNOSIS, _CODES)
    return file, known.set_axis(table[_PATIENT]).dropna().astype(str)


def _column(file: Path, frame: pd.DataFrame, begin: str) -> str:
    found = [name for name in frame.columns if " ".join(name.split()).startswith(begin)]
    if len(found) != 1:
        raise CohortError(
            f"{file}: {len(found)} columns begin with `{begin}`, but one is expected; is this "
            "TCIA's table of diagnoses?"
        )
    return str(found[0])
