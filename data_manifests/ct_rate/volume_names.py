"""Take the names of CT-RATE's volumes apart: split, patient, scan and reconstruction."""

import re
from dataclasses import dataclass

from mmfeat.public_cohorts.source_table import SourceTable

_NAME = re.compile(r"((?:train|valid)_[1-9]\d*)_([a-z]+)_([1-9]\d*)\.nii\.gz", re.ASCII)


@dataclass(frozen=True)
class VolumeName:
    """Hold the parts of a name such as ``train_12_b_3.nii.gz``."""

    file: str
    patient_id: str
    """Such as ``train_12``; ``valid_12`` is somebody else."""
    scan_id: str
    """Such as ``train_12_b``, which has one report whatever was reconstructed of it."""
    reconstruction: int

    @property
    def inside(self) -> str:
        """Path of the file in the folder of its split."""
        return f"{self.patient_id}/{self.scan_id}/{self.file}"


def volume_name(file: str) -> VolumeName:
    """Return the parts of a name that is known to be right.

    Example:
        >>> volume_name("train_12_b_3.nii.gz").inside
        'train_12/train_12_b/train_12_b_3.nii.gz'
    """
    found = _NAME.fullmatch(file)
    if found is None:
        raise ValueError(f"not the name of a volume of CT-RATE: {file!r}")
    patient, scan, number = found.groups()
    return VolumeName(file, patient, f"{patient}_{scan}", int(number))


def is_volume_of(name: str, split: str) -> bool:
    """Say whether a name is that of a volume of a split, ``train`` or ``valid``."""
    return name.startswith(f"{split}_") and _NAME.fullmatch(name) is not None


def check_names(table: SourceTable, split: str) -> SourceTable:
    """Return a table as it is, having looked that its names are of a split and each there once.

    Raises:
        CohortError: They are not.
    """
    table.unique("VolumeName").checked(
        "VolumeName",
        lambda name: is_volume_of(name, split),
        must=f"must be the name of a volume, such as {split}_1_a_1.nii.gz",
    )
    return table
