"""Give each frame of a multi-frame CT a header of its own, as if it were a classic slice."""

from collections.abc import Iterator
from dataclasses import replace

from pydicom import DataElement, Dataset
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag, Tag

from mmfeat.errors import one_line
from mmfeat.volumes.dicom_values import DicomHeader

_GROUPS = (
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
    "FrameContentSequence",
    "CTImageFrameTypeSequence",
    "CTReconstructionSequence",
    "CTXRayDetailsSequence",
    "CardiacSynchronizationSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "PixelMeasuresSequence",
    "PixelValueTransformationSequence",
)
"""Functional groups with what a classic header says; each holds one item. The later ones win."""
_CLASSIC_TAGS = {
    "FrameType": 0x00080008,  # ImageType
    "FrameAcquisitionNumber": 0x00200012,  # AcquisitionNumber
    "FrameAcquisitionDateTime": 0x0008002A,  # AcquisitionDateTime
    "TemporalPositionIndex": 0x00200100,  # TemporalPositionIdentifier
    "NominalCardiacTriggerDelayTime": 0x00181060,  # TriggerTime
}
"""What functional groups call otherwise."""

_Elements = dict[BaseTag, DataElement | RawDataElement]


def frame_headers(header: DicomHeader, n_frames: int) -> Iterator[DicomHeader]:
    """Yield the header of each frame: the file's, then the shared groups, then its own groups.

    Raises:
        VolumeError: There is not one group for each frame, or one is damaged.
    """
    per_frame = header.value("PerFrameFunctionalGroupsSequence") or []
    if len(per_frame) != n_frames:
        raise header.broken(f"{len(per_frame)} functional groups for {n_frames} frames")
    common = dict(header.dataset.items())
    for shared in header.value("SharedFunctionalGroupsSequence") or []:
        common |= _classic_elements(header, shared)
    for number, own in enumerate(per_frame, start=1):
        yield replace(
            header,
            dataset=Dataset(common | _classic_elements(header, own)),
            place=f"{header.place}: frame {number}",
        )


def _classic_elements(header: DicomHeader, groups: Dataset) -> _Elements:
    elements: _Elements = {}
    try:
        for keyword in _GROUPS:
            for item in groups.get(keyword) or []:
                elements |= dict(item.items())
                elements |= {
                    Tag(tag): DataElement(Tag(tag), dictionary_VR(tag), item.get(name))
                    for name, tag in _CLASSIC_TAGS.items()
                    if name in item
                }
    except Exception as error:  # pydicom raises whatever it meets in a damaged value
        raise header.broken(f"functional groups: {one_line(error)}") from error
    return elements
