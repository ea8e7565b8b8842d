"""Read the header of one DICOM file, and take its values out without surprises."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread

from mmfeat.errors import VolumeError
from mmfeat.volumes.one_line import one_line

KEPT_FIELDS = {
    "Manufacturer": "manufacturer",
    "ManufacturerModelName": "model",
    "ConvolutionKernel": "kernel",
    "KVP": "kvp",
    "SliceThickness": "slice_thickness_mm",
    "SeriesInstanceUID": "series_uid",
    "ContrastBolusAgent": "contrast_agent",
    "PatientPosition": "patient_position",
    "RescaleType": "rescale_type",
}
"""DICOM keywords kept in ``Volume.header``, and under which name; none says who the patient is."""

_KEYWORDS = [
    *KEPT_FIELDS,
    *("SOPClassUID", "ImageType", "SeriesDescription"),
    *("Rows", "Columns", "SamplesPerPixel", "PixelRepresentation"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"),
    *("RescaleSlope", "RescaleIntercept", "PixelPaddingValue"),
]
_SUFFIXES = (".dcm", ".dicom", ".ima")
_MAGIC_AT = 128


@dataclass(frozen=True)
class DicomHeader:
    """Hold what we need of a DICOM file's header; every value is converted when it is asked for."""

    dataset: Dataset
    file: Path
    place: str
    """How to name the file in an error."""

    @property
    def sop_class(self) -> str:
        """What kind of object the file holds, as a UID."""
        uid = self.words("SOPClassUID") or self.words("MediaStorageSOPClassUID")
        if not uid or not uid[0]:
            raise self.broken("no SOPClassUID, so the file is truncated or damaged")
        return uid[0]

    def value(self, keyword: str) -> Any:  # noqa: ANN401 - whatever DICOM stores there
        """Return a value as pydicom converts it; None where it is missing or empty."""
        try:
            is_meta = keyword.startswith("MediaStorage")
            value = (self.dataset.file_meta if is_meta else self.dataset).get(keyword)
        except Exception as error:  # pydicom raises whatever it meets in a damaged value
            raise self.broken(f"{keyword}: {one_line(error)}") from error
        return None if value == "" else value

    def words(self, keyword: str) -> list[str]:
        """Return the texts of a value that may be missing, single or multiple."""
        value = self.value(keyword)
        if value is None:
            return []
        is_single = isinstance(value, str) or not isinstance(value, Iterable)
        return [str(word).strip() for word in ([value] if is_single else value)]

    def number(self, keyword: str, default: float | None = None) -> float:
        """Return a finite number; without a default it has to be there."""
        if default is not None and self.value(keyword) is None:
            return default
        return float(self.numbers(keyword, 1)[0])

    def numbers(self, keyword: str, count: int) -> NDArray[np.float64]:
        """Return that many finite numbers, which have to be there."""
        words = self.words(keyword)
        if not words:
            raise self.broken(f"{keyword} is missing; the file may be truncated")
        try:
            numbers = np.array([float(word) for word in words])
        except ValueError as error:
            raise self.broken(f"{keyword}: {one_line(error)}") from error
        if len(numbers) != count or not np.isfinite(numbers).all():
            raise self.broken(f"{keyword} is {numbers.tolist()}, not {count} finite numbers")
        return numbers

    def broken(self, reason: str) -> VolumeError:
        """Return an error that names the file."""
        return VolumeError(f"{self.place}: broken DICOM header: {reason}")


def read_header(file: Path, *, place: str) -> DicomHeader | None:
    """Read what we need of a file's header, without its pixels; None if it is not a DICOM file.

    Args:
        file: Any file below the folder of a case.
        place: How to name the file in an error.

    Raises:
        VolumeError: The file is, or should be, DICOM but cannot be read.
    """
    suffix = file.suffix.lower()
    try:
        with file.open("rb") as stream:
            start = stream.read(_MAGIC_AT + 4)
            if start[_MAGIC_AT:] == b"DICM":
                stream.seek(0)
                dataset = dcmread(stream, stop_before_pixels=True, specific_tags=_KEYWORDS)
                return DicomHeader(dataset, file=file, place=place)
    except OSError as error:
        raise VolumeError(f"{place}: cannot be read: {one_line(error)}") from error
    except Exception as error:  # pydicom raises whatever it meets in a damaged file
        raise VolumeError(f"{place}: broken DICOM file: {one_line(error)}") from error
    # A slice must not go missing in silence because its file was damaged.
    if not start and (suffix in _SUFFIXES or not suffix or suffix[1:].isdigit()):
        raise VolumeError(f"{place}: the file is empty; copy it again, or remove it")
    if suffix in _SUFFIXES:
        raise VolumeError(
            f"{place}: not a DICOM file in spite of its name: no `DICM` after its preamble; "
            "copy it again, or remove it"
        )
    return None
