"""Tell CT slices from everything else that a study's folder contains."""

from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    LegacyConvertedEnhancedCTImageStorage,
)

from mmfeat.volumes.dicom_values import DicomHeader

_MULTI_FRAME = (EnhancedCTImageStorage, LegacyConvertedEnhancedCTImageStorage)


def is_multi_frame(header: DicomHeader) -> bool:
    """Say whether a file holds slices as frames, described in functional groups."""
    return header.sop_class in _MULTI_FRAME


def left_out_as(header: DicomHeader) -> str | None:
    """Say what a file holds instead of slices of a CT volume; None if it holds slices."""
    if header.sop_class not in (CTImageStorage, *_MULTI_FRAME):
        return str(UID(header.sop_class).name)
    image_type = {word.upper() for word in header.words("ImageType")}
    if "LOCALIZER" in image_type:
        return "localizer"
    is_placed = is_multi_frame(header) or header.has("ImagePositionPatient")
    if header.number("SamplesPerPixel", default=1) != 1 or (
        "DERIVED" in image_type and not is_placed
    ):
        return "screen capture or protocol page"
    meaning = header.text("PhotometricInterpretation") or "MONOCHROME2"
    if meaning != "MONOCHROME2":
        return f"picture whose numbers mean {meaning}, not density"
    return None
