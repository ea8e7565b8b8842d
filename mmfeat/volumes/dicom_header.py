"""Read the header of one DICOM file, once."""

import io
import logging
import struct
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from pydicom import Dataset, dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.uid import UID

from mmfeat.errors import VolumeError, one_line
from mmfeat.volumes.dicom_deflate import inflate, is_deflated
from mmfeat.volumes.dicom_file import DicomFile
from mmfeat.volumes.dicom_values import DicomHeader, PixelElement

logger = logging.getLogger(__name__)

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
    *("SOPClassUID", "SOPInstanceUID", "ImageType", "SeriesDescription", "InstanceNumber"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelPaddingValue"),
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"),
    *("RescaleSlope", "RescaleIntercept"),
    *("AcquisitionNumber", "AcquisitionDateTime", "AcquisitionTime", "ContentTime"),
    *("TemporalPositionIdentifier", "TriggerTime", "NominalPercentageOfCardiacPhase"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
]
_TAGS = [tag for tag in map(tag_for_keyword, _KEYWORDS) if tag is not None]
_SUFFIXES = (".dcm", ".dicom", ".ima")
_MAGIC_AT = 128
_FIRST_BYTES = 64 * 1024
"""Holds the header of nearly every slice; pydicom walks it faster in memory than in a file."""
_PIXEL_TAGS = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")
"""PixelData, in little and in big endian."""
_UNDEFINED = 0xFFFFFFFF


def read_header(file: DicomFile) -> DicomHeader | None:
    """Read what we need of a file's header, without its pixels; None if it is not a DICOM file.

    Raises:
        VolumeError: The file is, or should be, DICOM but cannot be read.
    """
    try:
        with file.open_forward() as stream:
            start = stream.read(_FIRST_BYTES)
        if start[_MAGIC_AT : _MAGIC_AT + 4] == b"DICM":
            return _parse(file, start)
    except OSError as error:
        raise VolumeError(f"{file.place}: cannot be read: {one_line(error)}") from error
    except Exception as error:  # pydicom raises whatever it meets in a damaged file
        raise VolumeError(f"{file.place}: broken DICOM file: {one_line(error)}") from error
    header = _without_preamble(file, start)
    if header is None:
        _require_no_lost_slice(file, start)
    return header


def _parse(file: DicomFile, start: bytes, *, force: bool = False) -> DicomHeader:
    if is_deflated(start):
        return _parse(*_inflated(file), force=force)
    if len(start) == file.size_bytes or any(tag in start for tag in _PIXEL_TAGS):
        stream: BinaryIO = io.BytesIO(start)
        dataset = _dataset(stream, force=force)
        if stream.tell() < len(start) or len(start) == file.size_bytes:
            return DicomHeader(dataset, file, file.place, _pixel_element(dataset, stream))
    with file.open() as stream:
        dataset = _dataset(stream, force=force)
        return DicomHeader(dataset, file, file.place, _pixel_element(dataset, stream))


def _dataset(stream: BinaryIO, *, force: bool) -> Dataset:
    return dcmread(stream, stop_before_pixels=True, specific_tags=_TAGS, force=force)


def _inflated(file: DicomFile) -> tuple[DicomFile, bytes]:
    """Return a file whose content is unfolded whenever it is opened, and how it begins."""

    def open_inflated() -> BinaryIO:
        with file.open() as stream:
            return io.BytesIO(inflate(stream.read()))

    with open_inflated() as stream:
        start = stream.read(_FIRST_BYTES)
        size_bytes = stream.seek(0, io.SEEK_END)
    return replace(file, size_bytes=size_bytes, open_forward=open_inflated), start


def _pixel_element(dataset: Dataset, stream: BinaryIO) -> PixelElement | None:
    """Return where the pixels are, which begin where pydicom stopped; None if there are none."""
    is_implicit, is_little_endian = dataset.original_encoding
    element = stream.read(12)
    if element[:4] != _PIXEL_TAGS[not is_little_endian] or len(element) < 12:
        return None
    # OB, OW: two more bytes before a length of four; implicit: the length follows the tag.
    is_short = is_implicit or not element[4:6].isalpha()
    length_at = 4 if is_short else 8
    (length,) = struct.unpack_from("<I" if is_little_endian else ">I", element, length_at)
    offset = stream.tell() - len(element) + length_at + 4
    return PixelElement(offset, None if length == _UNDEFINED else length)


def _without_preamble(file: DicomFile, start: bytes) -> DicomHeader | None:
    """Read a file for which only its name speaks; None unless it turns out to be what it says."""
    if not start or not file.name.lower().endswith(_SUFFIXES):
        return None
    try:
        header = _parse(file, start, force=True)
        uid = UID(header.sop_class)
    except Exception:  # whatever pydicom meets when it reads what is no DICOM
        logger.debug("%s: no DICOM file without preamble", file.place, exc_info=True)
        return None
    is_known = uid.name != uid
    return header if is_known else None


def _require_no_lost_slice(file: DicomFile, start: bytes) -> None:
    """Refuse a file that was DICOM before it was damaged, so that no slice is lost in silence."""
    suffix = PurePosixPath(file.name).suffix.lower()
    if not start and (suffix in _SUFFIXES or not suffix or suffix[1:].isdigit()):
        raise VolumeError(f"{file.place}: the file is empty; copy it again, or remove it")
    if suffix in _SUFFIXES:
        raise VolumeError(
            f"{file.place}: not a DICOM file in spite of its name: no `DICM` after its preamble; "
            "copy it again, or remove it"
        )
