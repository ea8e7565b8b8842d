"""Tell CT slices from everything else that a study's folder contains."""

from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
)

from mmfeat.volumes.dicom_header import DicomHeader


def is_enhanced_ct(header: DicomHeader) -> bool:
    """Say whether a file holds all slices of a series as frames."""
    return header.sop_class in (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)


def left_out_as(header: DicomHeader) -> str | None:
    """Say what a file holds instead of a slice of a CT volume; None if it is a slice."""
    if header.sop_class != CTImageStorage:
        return str(UID(header.sop_class).name)
    image_type = {word.upper() for word in header.words("ImageType")}
    if "LOCALIZER" in image_type:
        return "localizer"
    is_derived = {"DERIVED", "SECONDARY"} <= image_type
    is_placed = header.value("ImagePositionPatient") is not None
    if header.number("SamplesPerPixel", default=1) != 1 or (is_derived and not is_placed):
        return "screen capture or protocol page"
    return None
