"""The official splits of HANCOCK."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_one
from mmfeat.public_cohorts.reading import read_json_records
from mmfeat.public_cohorts.validation_part import validation_part

_PARTS = {"training": "train", "test": "test"}
_VALIDATION_SHARE = 0.2
_FILES = {
    "split_in": "dataset_split_in.json",
    "split_out": "dataset_split_out.json",
    "split_oropharynx": "dataset_split_Oropharynx.json",
}
"""Of each column of the table, the file of its split."""


def official_splits(
    download: Path, patients: Sequence[str]
) -> tuple[pd.DataFrame, tuple[Path, ...]]:
    """Return train, val or test of each patient, by split, and the files that say so.

    Raises:
        CohortError: A file is not there, or lacks a patient.
    """
    columns, files = {}, []
    for column, name in _FILES.items():
        file = find_one(download, (f"**/{name}",), what="official split")
        columns[column] = _split(file, patients)
        files.append(file)
    return pd.DataFrame(columns, index=list(patients)), tuple(files)


def _split(file: Path, patients: Sequence[str]) -> list[str]:
    table = read_json_records(file, required=("patient_id", "dataset"))
    table.unique("patient_id").known("dataset")
    parts = dict(zip(table["patient_id"], table.coded("dataset", _PARTS), strict=True))
    lacking = [patient for patient in patients if patient not in parts]
    if lacking:
        raise CohortError(
            f"{file}: lacks {len(lacking)} patients of clinical_data.json, such as "
            f"`{lacking[0]}`; download both anew"
        )
    val = validation_part(
        [patient for patient in patients if parts[patient] == "train"], _VALIDATION_SHARE
    )
    return ["val" if patient in val else parts[patient] for patient in patients]
