"""A body in a scanner, written as NIfTI or DICOM in every way that scanners do."""

import copy
import gzip
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gdcm
import imagecodecs
import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    CTImageStorage,
    EnhancedCTImageStorage,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    generate_uid,
)

HU = NDArray[np.int16]


@pytest.fixture(scope="session")
def body_hu() -> HU:
    """A cylinder of soft tissue in air, with noise: ``(5, 12, 10)``."""
    rng = np.random.default_rng(0)
    depth, height, width = np.ogrid[:5, :12, :10]
    inside = (height - 6) ** 2 + (width - 5) ** 2 < 16
    noise = rng.integers(-40, 40, (5, 12, 10))
    return np.where(inside, 40 + 30 * depth, -980).astype(np.int16) + noise.astype(np.int16)


@dataclass
class Series:
    """How to write a DICOM CT series; one file for each slice of ``hu``."""

    hu: HU
    slopes: Sequence[float] = (1.0,)
    """Used in turn, as are the intercepts."""
    intercepts: Sequence[float] = (-1024.0,)
    dtype: str = "<i2"
    bits_stored: int = 16
    orientation: Sequence[float] = (1, 0, 0, 0, 1, 0)
    origin_mm: Sequence[float] = (-120.5, -80.25, 31.0)
    spacing_mm: tuple[float, float, float] = (2.5, 0.75, 0.5)
    """Between slices, rows, columns."""
    syntax: UID = ExplicitVRLittleEndian
    uid: str = field(default_factory=generate_uid)
    edit: Callable[[Dataset, int], None] = lambda dataset, index: None
    """Last changes to the dataset of a slice."""
    names: Callable[[int], str] = "{:03d}.dcm".format

    def write(self, folder: Path) -> Path:
        """Write the files into a folder, which is made; return it."""
        folder.mkdir(parents=True, exist_ok=True)
        for index in range(len(self.hu)):
            self._save(self._dataset(index), folder / self.names(index))
        return folder

    def write_multi_frame(
        self, file: Path, *, edit: Callable[[Dataset], None] = lambda dataset: None
    ) -> Path:
        """Write one enhanced file, whose frames are in a shuffled order; return it."""
        slices = [self._dataset(index) for index in range(len(self.hu))]
        order = np.random.default_rng(0).permutation(len(slices)).tolist()
        whole = copy.deepcopy(slices[0])
        whole.file_meta.MediaStorageSOPClassUID = whole.SOPClassUID = EnhancedCTImageStorage
        whole.NumberOfFrames = len(slices)
        whole.PixelData = b"".join(slices[index].PixelData for index in order)
        whole.PerFrameFunctionalGroupsSequence = [_groups(slices[index]) for index in order]
        for keyword in ("ImagePositionPatient", "PixelSpacing", "RescaleSlope", "RescaleIntercept"):
            delattr(whole, keyword)
        shared = Dataset()
        shared.PlaneOrientationSequence = [_item(whole, "ImageOrientationPatient")]
        whole.SharedFunctionalGroupsSequence = [shared]
        del whole.ImageOrientationPatient
        edit(whole)
        self._save(whole, file)
        return file

    def _save(self, dataset: Dataset, file: Path) -> None:
        dataset.save_as(
            file,
            implicit_vr=self.syntax.is_implicit_VR,
            little_endian=self.syntax.is_little_endian,
            enforce_file_format=True,
        )

    def _dataset(self, index: int) -> Dataset:
        slope = self.slopes[index % len(self.slopes)]
        intercept = self.intercepts[index % len(self.intercepts)]
        stored = np.round((self.hu[index].astype(float) - intercept) / slope).astype(self.dtype)
        directions = np.array(self.orientation, float).reshape(2, 3)
        normal = np.cross(*directions)
        position = np.array(self.origin_mm) + index * self.spacing_mm[0] * normal
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = self.syntax
        dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
        dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
        dataset.Modality = "CT"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.PatientName = "Nobody^Nemo"
        dataset.PatientID = "secret-1"
        dataset.StudyInstanceUID = "1.2.3"
        dataset.SeriesInstanceUID = self.uid
        dataset.SeriesDescription = "chest"
        dataset.InstanceNumber = 100 - index  # the wrong way round, to be ignored
        dataset.Rows, dataset.Columns = stored.shape
        dataset.SamplesPerPixel = 1
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.BitsAllocated = stored.dtype.itemsize * 8
        dataset.BitsStored = self.bits_stored
        dataset.HighBit = self.bits_stored - 1
        dataset.PixelRepresentation = int(stored.dtype.kind == "i")
        dataset.ImagePositionPatient = [f"{value:.6f}" for value in position]
        dataset.ImageOrientationPatient = [f"{value:.9f}" for value in directions.ravel()]
        dataset.PixelSpacing = list(self.spacing_mm[1:])
        dataset.SliceThickness = self.spacing_mm[0]
        dataset.RescaleSlope = slope
        dataset.RescaleIntercept = intercept
        order = "<" if self.syntax.is_little_endian else ">"
        dataset.PixelData = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
        dataset["PixelData"].VR = "OW"
        self.edit(dataset, index)
        return dataset


def _groups(one: Dataset) -> Dataset:
    """The functional groups of a frame that was a classic slice."""
    groups = Dataset()
    groups.PlanePositionSequence = [_item(one, "ImagePositionPatient")]
    groups.PixelMeasuresSequence = [_item(one, "PixelSpacing", "SliceThickness")]
    groups.PixelValueTransformationSequence = [_item(one, "RescaleSlope", "RescaleIntercept")]
    groups.CTImageFrameTypeSequence = [_item(one, FrameType="ImageType")]
    groups.FrameContentSequence = [
        _item(one, "StackID", FrameAcquisitionNumber="AcquisitionNumber")
    ]
    return groups


def _item(source: Dataset, *same: str, **renamed: str) -> Dataset:
    item = Dataset()
    for keyword, old in {**{keyword: keyword for keyword in same}, **renamed}.items():
        if old in source:
            setattr(item, keyword, source[old].value)
    return item


@pytest.fixture(scope="session")
def series(body_hu: HU) -> Callable[..., Series]:
    """Make a plan for a DICOM series of the body; every setting can be changed."""

    def make(**changes: Any) -> Series:
        return Series(**({"hu": body_hu} | changes))

    return make


@pytest.fixture
def nifti(tmp_path: Path, body_hu: HU) -> Callable[..., Path]:
    """Write the body, or another array ``(z, y, x)``, as NIfTI; ``edit`` changes the header."""

    def write(
        values: NDArray[Any] = body_hu,
        *,
        affine: NDArray[np.float64] | None = None,
        name: str = "scan.nii.gz",
        edit: Callable[[Any], None] = lambda header: None,
        kind: type[nibabel.Nifti1Image] = nibabel.Nifti1Image,
    ) -> Path:
        chosen = np.diag([0.5, 0.75, 2.5, 1.0]) if affine is None else affine
        content = kind(values.transpose(), chosen).to_bytes()
        header = kind.header_class.from_fileobj(io.BytesIO(content))
        edit(header)
        content = header.binaryblock + content[len(header.binaryblock) :]
        file = tmp_path / name
        file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return file

    return write


@pytest.fixture(scope="session")
def read_with_simpleitk() -> Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]:
    """Read with SimpleITK, an outside authority on values and geometry."""

    def read(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return values ``(z, y, x)`` and the map from their indices to RAS+ mm."""
        if path.is_dir():
            image = SimpleITK.ReadImage(
                SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(path))
            )
        else:
            image = SimpleITK.ReadImage(str(path))
        if image.GetDimension() == 4:
            image = image[..., 0]
        affine = np.eye(4)
        axes = np.array(image.GetDirection()).reshape(3, 3) * image.GetSpacing()
        affine[:3] = np.column_stack([axes[:, ::-1], image.GetOrigin()])
        values = SimpleITK.GetArrayFromImage(image).astype(np.float32)
        return values, np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine

    return read


_BY_GDCM = {
    "RLE": gdcm.TransferSyntax.RLELossless,
    "JPEG lossless": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    "JPEG-LS": gdcm.TransferSyntax.JPEGLSLossless,
    "JPEG 2000": gdcm.TransferSyntax.JPEG2000Lossless,
}
_BY_IMAGECODECS: dict[str, tuple[UID, Callable[[NDArray[Any]], bytes]]] = {
    "JPEG lossless": (
        JPEGLosslessSV1,
        lambda values: imagecodecs.jpeg8_encode(
            values.view(np.uint16), lossless=True, predictor=1, bitspersample=16
        ),
    ),
    "JPEG extended": (
        JPEGExtended12Bit,
        lambda values: imagecodecs.jpeg8_encode(values, level=100, bitspersample=12),
    ),
    "JPEG-LS": (JPEGLSLossless, lambda values: imagecodecs.jpegls_encode(values.view(np.uint16))),
    "JPEG 2000": (
        JPEG2000Lossless,
        lambda values: imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k"),
    ),
    "HTJ2K": (HTJ2KLossless, imagecodecs.htj2k_encode),
}


@pytest.fixture(scope="session")
def compress() -> Callable[[Path, str], None]:
    """Compress all files of a folder in place, with GDCM where it can, or a multi-frame file."""

    def compress_all(path: Path, syntax: str) -> None:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if path.is_dir() and syntax in _BY_GDCM:
                _compress_by_gdcm(file, _BY_GDCM[syntax])
            else:  # GDCM would write the frames' positions anew
                _compress_by_imagecodecs(file, *_BY_IMAGECODECS[syntax])

    return compress_all


def _compress_by_gdcm(file: Path, syntax: int) -> None:
    reader = gdcm.ImageReader()
    reader.SetFileName(str(file))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(file))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def _compress_by_imagecodecs(
    file: Path, syntax: UID, encode: Callable[[NDArray[Any]], bytes]
) -> None:
    dataset = dcmread(file)
    frames = dataset.pixel_array.reshape(-1, dataset.Rows, dataset.Columns)
    dataset.PixelData = encapsulate([encode(frame) for frame in frames])
    dataset["PixelData"].VR = "OB"
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(file)


@pytest.fixture(scope="session")
def pack() -> Callable[[Path], Path]:
    """Put a folder into a zip archive beside it, and return that."""

    def pack_folder(folder: Path) -> Path:
        file = folder.with_suffix(".zip")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for member in sorted(folder.rglob("*")):
                archive.write(member, member.relative_to(folder.parent))
        return file

    return pack_folder
