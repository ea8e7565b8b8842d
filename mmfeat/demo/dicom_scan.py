"""Write a scan as a DICOM series: CT Image Storage, one file a slice, files in no order."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from mmfeat.demo.scanner import SCANNERS, Acquisition


@dataclass(frozen=True)
class Label:
    """Say whose scan it is; everything in it is invented."""

    patient_id: str
    case_id: str
    sex: str
    scan_date: date


def write_dicom(
    folder: Path,
    stored: NDArray[np.int16],
    acquisition: Acquisition,
    rng: np.random.Generator,
    *,
    label: Label,
    left_out: int | None = None,
) -> None:
    """Write HU ``(depth, height, width)``, axes up, forward and right, as files in ``folder``.

    Slice ``left_out`` is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    position, row_direction, slices = _as_positioned(stored, acquisition, rng)
    dataset = _series(acquisition, label, rng)
    dataset.PatientPosition = position
    dataset.ImageOrientationPatient = [row_direction, 0, 0, 0, row_direction, 0]
    intercept = int(dataset.RescaleIntercept)
    kind = np.dtype("<u2") if dataset.PixelRepresentation == 0 else np.dtype("<i2")
    shift = -acquisition.grid.origin_mm[0] + rng.uniform(-900, -300)
    names = rng.permutation(len(slices))
    for number, (place, pixels) in enumerate(slices):
        if number == left_out:
            continue
        dataset.SOPInstanceUID = _uid(label.case_id, "image", number)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.InstanceNumber = number + 1
        dataset.ImagePositionPatient = [
            round(float(place[0]), 4),
            round(float(place[1]), 4),
            round(float(place[2] + shift), 4),
        ]
        dataset.SliceLocation = dataset.ImagePositionPatient[2]
        dataset.PixelData = (pixels - intercept).astype(kind).tobytes()
        dataset.save_as(folder / f"IM{names[number]:04d}.dcm", enforce_file_format=True)


def _as_positioned(
    stored: NDArray[np.int16], acquisition: Acquisition, rng: np.random.Generator
) -> tuple[str, int, list[tuple[NDArray[np.float64], NDArray[np.int16]]]]:
    """Return the patient position, the direction of rows, and place and pixels of each slice.

    Places are those of the first pixel, in DICOM's coordinates: left, posterior, superior.
    """
    position = str(rng.choice(("HFS", "FFS", "HFP")))
    grid = acquisition.grid
    if position == "HFP":  # on the belly: the picture is turned by half a turn
        row_direction, first_x, first_y = -1, grid.x.flat[0], grid.y.flat[0]
        pictures = stored
    else:
        row_direction, first_x, first_y = 1, grid.x.flat[-1], grid.y.flat[-1]
        pictures = stored[:, ::-1, ::-1]
    slices = [
        (np.array([-first_x, -first_y, z], dtype=np.float64), picture)
        for z, picture in zip(grid.z.reshape(-1), pictures, strict=True)
    ]
    downwards = rng.random() < (0.2 if position == "FFS" else 0.8)
    return position, row_direction, slices[::-1] if downwards else slices


def _series(acquisition: Acquisition, label: Label, rng: np.random.Generator) -> FileDataset:
    """Return a file with everything that all slices share."""
    scanner = SCANNERS[acquisition.scanner]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    implicit = rng.random() < 0.2
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("implementation")
    unsigned = rng.random() < 0.6
    slice_mm, row_mm, column_mm = acquisition.spacing_mm
    day = f"{label.scan_date:%Y%m%d}"
    content: dict[str, Any] = {
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "SOPClassUID": CTImageStorage,
        "StudyDate": day,
        "SeriesDate": day,
        "AcquisitionDate": day,
        "ContentDate": day,
        "StudyTime": "120000",
        "AccessionNumber": "",
        "Modality": "CT",
        "Manufacturer": scanner.manufacturer,
        "ManufacturerModelName": acquisition.scanner,
        "ReferringPhysicianName": "",
        "StudyDescription": "Made-up chest CT",
        "SeriesDescription": f"{acquisition.kernel} {slice_mm:.1f} mm",
        "PatientName": f"Made-up^{label.patient_id}",
        "PatientID": label.patient_id,
        "PatientBirthDate": "",
        "PatientSex": label.sex,
        "PatientIdentityRemoved": "YES",
        "BodyPartExamined": "CHEST",
        "SliceThickness": f"{slice_mm:.2f}",
        "KVP": "120",
        "ConvolutionKernel": acquisition.kernel,
        "StudyInstanceUID": _uid(label.case_id, "study"),
        "SeriesInstanceUID": _uid(label.case_id, "series"),
        "FrameOfReferenceUID": _uid(label.case_id, "frame"),
        "PositionReferenceIndicator": "",
        "StudyID": label.case_id[:16],
        "SeriesNumber": 2,
        "AcquisitionNumber": 1,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "Rows": acquisition.shape[1],
        "Columns": acquisition.shape[2],
        "PixelSpacing": [f"{row_mm:.6f}", f"{column_mm:.6f}"],
        "BitsAllocated": 16,
        "BitsStored": 16,
        "HighBit": 15,
        "PixelRepresentation": 0 if unsigned else 1,
        "RescaleIntercept": "-1024" if unsigned else "0",
        "RescaleSlope": "1",
        "RescaleType": "HU",
        "WindowCenter": "-600",
        "WindowWidth": "1500",
    }
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    for keyword, value in content.items():
        setattr(dataset, keyword, value)
    return dataset


def _uid(*parts: object) -> str:
    return str(generate_uid(entropy_srcs=["mmfeat demo", *(str(part) for part in parts)]))
