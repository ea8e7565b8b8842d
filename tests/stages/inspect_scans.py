"""Scans on disk to inspect: a body in air as NIfTI, and as a DICOM series with a patient's name."""

from collections.abc import Mapping
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from mmfeat.quality import Thresholds
from mmfeat.stages.inspection.sources import CohortScan
from mmfeat.volumes import ReadingRules

SPACING_MM = (5.0, 4.0, 4.0)

TWO_MODALITIES = """\
cohort:
  manifest: manifest.csv
  targets: {cancer: {kind: binary, column: cancer}}
modalities:
  clinical: {kind: table, columns: {age: {type: numeric}}}
  ct: {kind: volume, column: ct, encoder: intensity-stats, reading: {gaps: interpolate}}
  low_dose: {kind: volume, column: low, encoder: intensity-stats, quality: {most_noise_hu: 90}}
"""

PLANTED = {
    "PatientName": "Zimmerlich^Adelgunde",
    "PatientID": "QX7734190",
    "PatientBirthDate": "19290612",
    "AccessionNumber": "ACC5550199",
    "OtherPatientNames": "Wackernagel^Adelgunde",
    "PatientAddress": "Sperlingsgasse 17b",
    "PatientComments": "asks for Dr Hibbelwitz",
    "ReferringPhysicianName": "Hibbelwitz^Tassilo",
    "InstitutionName": "Spital Obertupfing",
    "StudyID": "STUDY88213",
    "StudyDescription": "Thorax Zimmerlich",
    "SeriesDescription": "thin for Hibbelwitz",
}
"""What a header may say of a patient, in words that are found nowhere else."""
TRACES = ("zimmerlich", "adelgunde", "qx7734190", "19290612", "acc5550199", "wackernagel")
TRACES += ("sperlingsgasse", "hibbelwitz", "tassilo", "obertupfing", "study88213")


def body_hu(seed: int = 0, *, slices: int = 32) -> NDArray[np.int16]:
    """Return a block of muscle with fat around it in air, ``(superior, posterior, left)``."""
    hu = np.full((slices, 60, 60), -1000, np.int16)
    hu[:, 10:50, 10:50] = -100
    hu[:, 16:44, 16:44] = 50
    return hu + np.random.default_rng(seed).normal(0, 10, hu.shape).round().astype(np.int16)


def rows_of(scans: Mapping[str, Path], **settings: float) -> list[CohortScan]:
    """Return scans by case id, as a cohort has them."""
    thresholds = Thresholds(**settings)
    return [
        CohortScan("ct", case_id, path.name, path, ReadingRules(), thresholds)
        for case_id, path in scans.items()
    ]


def write_nifti(path: Path, hu: NDArray[np.int16]) -> Path:
    """Write HU ``(superior, posterior, left)`` as a NIfTI file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    slice_mm, row_mm, column_mm = SPACING_MM
    affine = np.diag([-column_mm, -row_mm, slice_mm, 1.0])
    nib.save(nib.Nifti1Image(hu.transpose(), affine), path)
    return path


def write_series(folder: Path, hu: NDArray[np.int16], tags: Mapping[str, str]) -> Path:
    """Write HU as a DICOM series whose files have the given tags."""
    folder.mkdir(parents=True, exist_ok=True)
    series_uid, slice_mm = generate_uid(), SPACING_MM[0]
    for number, pixels in enumerate(hu):
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = series_uid, "1.2.3"
        dataset.Modality, dataset.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.Manufacturer, dataset.ConvolutionKernel, dataset.KVP = "Maker", "B30f", "120"
        dataset.Rows, dataset.Columns = pixels.shape
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
        dataset.PixelRepresentation = 1
        dataset.ImagePositionPatient = [-120, -120, number * slice_mm]
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.PixelSpacing, dataset.SliceThickness = list(SPACING_MM[1:]), slice_mm
        dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
        dataset.PixelData = pixels.astype("<i2").tobytes()
        dataset["PixelData"].VR = "OW"
        for keyword, text in tags.items():
            setattr(dataset, keyword, text)
        dataset.save_as(folder / f"{number:03d}.dcm", enforce_file_format=True)
    return folder
