"""Read the tables of one split of CT-RATE, one row for each volume."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.downloads import find_one, find_optional
from mmfeat.public_cohorts.reading import read_source

from ..dicom_words import SEXES, age_in_years
from .findings import FINDINGS
from .volume_names import check_names, is_volume_of

NOT_GIVEN = ("Not given.", "Not given")
_MISSING = ("nan", "NaN")
_YES_OR_NO = {"0": "0", "1": "1"}


@dataclass(frozen=True)
class SplitTables:
    """Hold what the tables of a split say of its volumes."""

    volumes: pd.DataFrame
    """Index: name of the volume. Columns: age, sex, manufacturer, kernel, indication, and the
    findings, empty where there are no labels."""
    not_of_the_chest: frozenset[str] | None
    """Volumes that the publishers list as of another part of the body; None: the list is not
    there."""
    n_without_metadata: int
    """Volumes that have labels and no metadata."""
    files: tuple[Path, ...]


def read_split(root: Path, split: str) -> SplitTables:
    """Read metadata, reports, labels and the list of other bodies of ``train`` or ``valid``.

    Raises:
        CohortError: One is not there or not what is expected.
    """
    names = _named(split)
    files = {
        what: find_one(root, patterns, what=f"{what} of the {split} part")
        for what, patterns in names.items()
    }
    metadata = _metadata(files["metadata"], split)
    indications = _indications(files["reports"], split)
    labels = _labels(files["labels"], split)
    others = find_optional(
        root,
        (f"metadata/no_chest_{split}.txt", f"**/no_chest_{split}.txt"),
        what=f"list of scans of other bodies, {split}",
    )
    return SplitTables(
        volumes=metadata.join(indications, how="left").join(labels, how="left"),
        not_of_the_chest=None if others is None else _listed(others, split),
        n_without_metadata=len(labels.index.difference(metadata.index)),
        files=(*files.values(), *([] if others is None else [others])),
    )


def _named(split: str) -> dict[str, tuple[str, ...]]:
    """Return where each table is; the publishers call the valid part by two names."""
    parts = ("train",) if split == "train" else ("validation", "valid")
    folders = {
        "metadata": ("metadata", "metadata"),
        "reports": ("radiology_text_reports", "reports"),
        "labels": ("multi_abnormality_labels", "predicted_labels"),
    }
    return {
        what: tuple(f"{folder}/{part}_{name}.csv" for part in parts)
        for what, (folder, name) in folders.items()
    }


def _metadata(file: Path, split: str) -> pd.DataFrame:
    table = read_source(
        file,
        required=("VolumeName", "PatientSex", "PatientAge"),
        optional=("Manufacturer", "ConvolutionKernel"),
        missing=_MISSING,
    )
    check_names(table, split)
    table.checked(
        "PatientAge", lambda text: age_in_years(text) is not None, must="is no age such as 036Y"
    )
    return pd.DataFrame(
        {
            "age": table["PatientAge"].map(age_in_years, na_action="ignore").to_numpy(),
            "sex": table.coded("PatientSex", SEXES).to_numpy(),
            "manufacturer": table["Manufacturer"].to_numpy(),
            "kernel": table["ConvolutionKernel"].to_numpy(),
        },
        index=table["VolumeName"].to_numpy(),
        dtype=object,
    )


def _indications(file: Path, split: str) -> pd.DataFrame:
    """Return why scans were asked for; what was found is left where it is."""
    table = check_names(
        read_source(
            file,
            required=("VolumeName", "ClinicalInformation_EN"),
            missing=(*_MISSING, *NOT_GIVEN),
        ),
        split,
    )
    return pd.DataFrame(
        {"indication": table["ClinicalInformation_EN"].to_numpy()},
        index=table["VolumeName"].to_numpy(),
        dtype=object,
    )


def _labels(file: Path, split: str) -> pd.DataFrame:
    table = check_names(read_source(file, required=("VolumeName", *FINDINGS)), split)
    return pd.DataFrame(
        {finding: table.coded(finding, _YES_OR_NO).to_numpy() for finding in FINDINGS},
        index=table["VolumeName"].to_numpy(),
        dtype=object,
    )


def _listed(file: Path, split: str) -> frozenset[str]:
    """Return the volumes that a list names, one a line, with or without folder and ending."""
    listed = set()
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), start=1):
        if not line.strip():
            continue
        name = line.strip().rpartition("/")[2].removesuffix(".nii.gz") + ".nii.gz"
        if not is_volume_of(name, split):
            raise CohortError(
                f"{file}: line {number}: `{line.strip()}` must be the name of a volume, such as "
                f"{split}_1_a_1.nii.gz"
            )
        listed.add(name)
    return frozenset(listed)
