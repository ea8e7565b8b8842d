from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from mmfeat.volumes import read_volume
from mmfeat.volumes.dicom_file import dicom_files
from mmfeat.volumes.dicom_header import read_header
from mmfeat.volumes.dicom_layout import pixel_layout
from mmfeat.volumes.dicom_stored import Stored, as_numbers, read_stored

HU = NDArray[np.int16]
Plan = Callable[..., Any]
PYDICOM_FILES = [
    "693_J2KI.dcm",
    "CT_small.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
]
"""Of one colour, shipped with pydicom, and decoded by it or GDCM."""


def _stored(file: Path) -> Stored:
    with dicom_files(file) as files:
        header = read_header(files[0])
        assert header is not None
        (stored,) = read_stored(pixel_layout(header), [0])
    return stored


def _pydicom_file(name: str) -> Path:
    return Path(get_testdata_file(name, download=False))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", PYDICOM_FILES)
def test_stored_values_are_those_that_pydicom_decodes(name: str) -> None:
    file = _pydicom_file(name)
    stored = _stored(file)
    expected = dcmread(file).pixel_array
    np.testing.assert_array_equal(stored.values, expected)
    assert stored.values.dtype == expected.dtype.newbyteorder("=")
    assert stored.is_contradictory == (name == "J2K_pixelrep_mismatch.dcm")


def test_twelve_bit_jpeg_is_decoded_as_itk_does() -> None:
    file = _pydicom_file("JPGExtended.dcm")
    expected = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(file)))
    np.testing.assert_allclose(_stored(file).values, expected[0], atol=1)


@pytest.mark.parametrize("signed", [True, False])
def test_what_a_frame_says_of_signs_is_noted_and_the_header_followed(
    tmp_path: Path, series: Plan, body_hu: HU, signed: bool
) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        stored = np.frombuffer(dataset.PixelData, "<u2").reshape(12, 10)
        wrong = stored.view("<u2" if signed else "<i2")
        frame = imagecodecs.jpeg2k_encode(wrong, level=0, codecformat="j2k")
        dataset.PixelData = encapsulate([bytes(frame)])
        dataset["PixelData"].VR = "OB"
        dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless

    plan = series(dtype="<i2" if signed else "<u2", intercepts=[1024.0 - 2048.0], edit=edit)
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    (note,) = volume.notes
    assert note.code == "sign-mended"
    assert note.detail == "5 slices are signed by frame or header only; the header was followed"


@pytest.mark.parametrize(("low", "bits"), [(0, 12), (4, 12), (2, 10)])
def test_high_bit_says_where_a_value_lies(
    tmp_path: Path, series: Plan, body_hu: HU, low: int, bits: int
) -> None:
    coarse = (body_hu.clip(-1000, 1000) + 1000) // 4 * 4 - 1000

    def edit(dataset: Dataset, index: int) -> None:
        stored = np.frombuffer(dataset.PixelData, "<u2")
        around = np.random.default_rng(index).integers(2**16, size=stored.size, dtype=np.uint16)
        around &= ~np.uint16((2**bits - 1) << low)
        dataset.PixelData = ((stored << low) | around).tobytes()
        dataset.BitsStored, dataset.HighBit = bits, low + bits - 1

    slope = 4.0 if bits == 10 else 1.0
    plan = series(hu=coarse, dtype="<u2", slopes=[slope], intercepts=[-1000.0], edit=edit)
    np.testing.assert_array_equal(read_volume(plan.write(tmp_path / "scan")).hu, coarse)


@pytest.mark.parametrize(
    ("value", "bits", "signed", "expected"),
    [
        (0xF830, 13, True, -2000),
        (0x1830, 13, True, -2000),
        (0xF830, 13, False, 6192),
        (0x0FFF, 12, True, -1),
        (0xFFFF, 16, False, 65535),
        (0xFFFF, 16, True, -1),
    ],
)
def test_numbers_are_cut_and_signed_as_the_header_says(
    value: int, bits: int, signed: bool, expected: int
) -> None:
    numbers = as_numbers(np.array([value], np.uint16), bits=bits, signed=signed)
    assert numbers.tolist() == [expected]
