"""What the header of a slice says of its series, and which series are scans."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pydicom

FEWEST_IMAGES = 20
"""A CT series with fewer is no scan of a chest: localisers have one or two."""
_TAGS = [
    *("PatientID", "Modality", "StudyDate", "StudyInstanceUID", "SeriesInstanceUID"),
    *("SeriesDescription", "ImageType", "ImageOrientationPatient", "ImagePositionPatient"),
    *("PixelSpacing", "SliceThickness", "ClinicalTrialTimePointID"),
]
_AXIAL = 0.98
"""Smallest cosine between the normal of slices and the axis of the body."""
_NO_SCAN = frozenset({"LOCALIZER", "PROJECTION IMAGE", "MIP", "MPR", "REFORMATTED"})
"""Words of ImageType for pictures that are made of the slices, or before them."""


@dataclass(frozen=True)
class DicomSeries:
    """Hold what the header of a slice says of its series; texts are empty where it says nothing."""

    folder: Path
    """Relative to the download."""
    file: Path
    """The first of its files, relative to the download."""
    n_files: int
    patient_id: str
    modality: str
    study_uid: str
    series_uid: str
    description: str
    study_date: date | None
    image_type: tuple[str, ...]
    orientation: tuple[float, ...]
    """Directions of rows and of columns, six numbers; none where the header has none."""
    position_mm: tuple[float, ...]
    """Place of the first voxel of that slice: left, posterior, superior."""
    pixel_mm: tuple[float, ...]
    """Between rows and between columns."""
    slice_mm: float
    """Thickness of slices as the header says it, NaN where it does not."""
    time_point: str = ""
    """Which visit of a trial it is of, such as ``T1``."""

    @property
    def axial(self) -> bool:
        """Whether its slices lie across the body, with rows from side to side."""
        if len(self.orientation) != 6:
            return False
        rows, columns = np.array(self.orientation[:3]), np.array(self.orientation[3:])
        return bool(abs(np.cross(rows, columns)[2]) >= _AXIAL)

    @property
    def has_ct_slices(self) -> bool:
        """Whether it holds axial slices of CT as the scanner made them, however few."""
        made = {word.upper() for word in self.image_type}
        return self.modality == "CT" and self.axial and not made & _NO_SCAN

    @property
    def is_axial_ct(self) -> bool:
        """Whether it can be read as a scan of a chest: many axial slices of CT."""
        return self.has_ct_slices and self.n_files >= FEWEST_IMAGES


def series_of(download: Path, file: Path, n_files: int) -> DicomSeries:
    """Read the header of a file, and return what it says of its series.

    Args:
        download: What paths are relative to.
        file: A file of the series.
        n_files: How many the series has.

    Raises:
        Exception: Whatever pydicom meets in a damaged file, or the disk.
    """
    header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=_TAGS)
    return DicomSeries(
        folder=file.parent.relative_to(download),
        file=file.relative_to(download),
        n_files=n_files,
        patient_id=_text(header, "PatientID"),
        modality=_text(header, "Modality"),
        study_uid=_text(header, "StudyInstanceUID"),
        series_uid=_text(header, "SeriesInstanceUID"),
        description=_text(header, "SeriesDescription"),
        study_date=_day(_text(header, "StudyDate")),
        image_type=tuple(str(word) for word in header.get("ImageType") or ()),
        orientation=_numbers(header.get("ImageOrientationPatient")),
        position_mm=_numbers(header.get("ImagePositionPatient")),
        pixel_mm=_numbers(header.get("PixelSpacing")),
        slice_mm=float(_text(header, "SliceThickness") or "nan"),
        time_point=_text(header, "ClinicalTrialTimePointID"),
    )


def largest(series: Iterable[DicomSeries]) -> DicomSeries:
    """Return the series with the most files, which has the thinnest slices; then by its UID."""
    return min(series, key=lambda one: (-one.n_files, one.series_uid))


def _text(header: pydicom.Dataset, keyword: str) -> str:
    value = header.get(keyword)
    return "" if value is None else str(value).strip()


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def _numbers(values: Iterable[object] | None) -> tuple[float, ...]:
    return tuple(float(str(value)) for value in values or ())
