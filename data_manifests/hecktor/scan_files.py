"""Find the scans and outlines of HECKTOR's patients."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from .releases import Release


def scan_of(folders: Sequence[Path], release: Release, *, patient: str, kind: str) -> Path | None:
    """Return the scan of a kind, ``CT`` or ``PT``, of a patient; None where there is none."""
    inner = (name.format(patient=patient) for name in release.scan_folders)
    return _first(
        folder / name / f"{patient}__{kind}.nii.gz" for name in inner for folder in folders
    )


def mask_of(folders: Sequence[Path], release: Release, *, patient: str) -> Path | None:
    """Return the file with the outlines of a patient's tumours; None where there is none."""
    names = (name.format(patient=patient) for name in release.masks)
    return _first(folder / name for name in names for folder in folders)


def _first(files: Iterator[Path]) -> Path | None:
    return next((file for file in files if file.is_file()), None)
