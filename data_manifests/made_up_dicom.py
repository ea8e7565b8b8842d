"""Small made-up CT series for the samples of cohorts, as DICOM files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from mmfeat.volumes.volume import Volume

from .made_up_scans import stored

TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""From the coordinates of volumes to those of DICOM: left, posterior, superior."""


def made_up_uid(*parts: object) -> str:
    """Return a UID that is made of words and numbers, the same for the same ones."""
    return str(generate_uid(entropy_srcs=["mmfeat sample", *(str(part) for part in parts)]))


def write_series(folder: Path, scan: Volume, fields: Mapping[str, Any], *, every: int = 1) -> int:
    """Write a scan as files ``1-001.dcm``, ..., as NBIA Data Retriever names them.

    Args:
        folder: Made for it.
        scan: The scan.
        fields: What the header says of patient, study and series, by DICOM keyword; it needs
            ``SeriesInstanceUID``.
        every: Write each slice, or each second one, and so on.

    Returns:
        How many files there are.
    """
    folder.mkdir(parents=True)
    placed = TO_LPS @ scan.affine
    spacing = np.linalg.norm(placed[:3, :3], axis=0)
    directions = placed[:3, :3] / spacing
    numbers = range(0, len(scan.hu), every)
    slices = stored(scan)
    image = new_file(CTImageStorage, fields, 0)
    shared = {
        "Modality": "CT",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "FrameOfReferenceUID": made_up_uid(fields["SeriesInstanceUID"], "frame"),
        "ImageOrientationPatient": decimals(np.concatenate([directions[:, 2], directions[:, 1]])),
        "PixelSpacing": decimals(spacing[1:]),
        "SliceThickness": f"{every * spacing[0]:.4f}",
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": slices.shape[1],
        "Columns": slices.shape[2],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 1,
        "RescaleIntercept": "0",
        "RescaleSlope": "1",
    }
    for keyword, value in shared.items():
        setattr(image, keyword, value)
    for number in numbers:
        image.SOPInstanceUID = made_up_uid(fields["SeriesInstanceUID"], number)
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.InstanceNumber = number + 1
        image.ImagePositionPatient = decimals((placed @ [number, 0, 0, 1])[:3])
        image.PixelData = slices[number].astype("<i2").tobytes()
        image.save_as(folder / f"1-{number + 1:03d}.dcm", enforce_file_format=True)
    return len(numbers)


def new_file(kind: str, fields: Mapping[str, Any], number: int) -> FileDataset:
    """Return a DICOM file of a kind of object, with what its header says of its series."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = kind
    meta.MediaStorageSOPInstanceUID = made_up_uid(fields["SeriesInstanceUID"], number)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = made_up_uid("implementation")
    file = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    file.SOPClassUID = kind
    file.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    for keyword, value in fields.items():
        setattr(file, keyword, value)
    return file


def decimals(values: NDArray[np.float64]) -> list[str]:
    """Return numbers as DICOM writes them."""
    return [f"{value:.4f}" for value in values]
