from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from mmfeat.errors import VolumeError
from mmfeat.volumes import read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Compress = Callable[[Path, str], None]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
COMPRESSED = ["RLE", "JPEG lossless", "JPEG-LS", "JPEG 2000"]


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize(("dtype", "bits"), [("<i2", 16), ("<u2", 16), ("<u2", 12)])
def test_compressed_series_are_read_as_simpleitk_reads_them(
    tmp_path: Path,
    series: Plan,
    compress: Compress,
    read_with_simpleitk: Simpleitk,
    body_hu: HU,
    syntax: str,
    dtype: str,
    bits: int,
) -> None:
    folder = series(dtype=dtype, bits_stored=bits).write(tmp_path / "scan")
    compress(folder, syntax)
    hu = read_volume(folder).hu
    np.testing.assert_array_equal(hu, body_hu)
    np.testing.assert_array_equal(hu, read_with_simpleitk(folder)[0])


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize(("dtype", "bits"), [("<i2", 16), ("<i2", 12), ("<u2", 12), ("<u2", 16)])
def test_every_uncompressed_layout_is_read(
    tmp_path: Path, series: Plan, body_hu: HU, syntax: Any, dtype: str, bits: int
) -> None:
    plan = series(syntax=syntax, dtype=dtype, bits_stored=bits)
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.hu.dtype == np.float32


def test_each_slice_has_its_own_slope_and_intercept(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    plan = series(slopes=[1.0, 0.5, 2.0], intercepts=[-1024.0, -1000.0])
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_allclose(volume.hu, body_hu, atol=1.0)  # a slope of 2 stores half the values
    np.testing.assert_array_equal(volume.hu[0], body_hu[0])


def test_fractions_survive(
    tmp_path: Path, series: Plan, read_with_simpleitk: Simpleitk, body_hu: HU
) -> None:
    plan = series(slopes=[0.1], intercepts=[0.25])
    volume = read_volume(plan.write(tmp_path / "scan"))
    stored = np.round((body_hu - 0.25) / 0.1)
    np.testing.assert_allclose(volume.hu, stored * 0.1 + 0.25, atol=1e-3)
    np.testing.assert_allclose(volume.hu, read_with_simpleitk(tmp_path / "scan")[0], atol=1e-3)


def test_bits_above_those_stored_are_ignored(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        stored = np.frombuffer(dataset.PixelData, "<u2") | 0xA000  # an overlay, in old files
        dataset.PixelData = stored.tobytes()

    plan = series(dtype="<u2", bits_stored=12, edit=edit)
    np.testing.assert_array_equal(read_volume(plan.write(tmp_path / "scan")).hu, body_hu)


def test_padding_keeps_its_value_as_in_simpleitk(
    tmp_path: Path, series: Plan, read_with_simpleitk: Simpleitk, body_hu: HU
) -> None:
    padded = body_hu.copy()
    padded[:, :2] = -3024

    def edit(dataset: Dataset, index: int) -> None:
        dataset.PixelPaddingValue = -2000

    volume = read_volume(series(hu=padded, edit=edit).write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, padded)
    np.testing.assert_array_equal(volume.hu, read_with_simpleitk(tmp_path / "scan")[0])
    assert volume.header["padding_hu"] == "-3024"


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-50])


def _without_pixels(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: content.index(b"\xe0\x7f\x10\x00")])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [(_cut, "190 vs 240 bytes"), (_without_pixels, "pixel data")],
)
def test_truncated_pixels_are_named_with_their_file(
    tmp_path: Path, series: Plan, damage: Callable[[Path], None], reason: str
) -> None:
    folder = series().write(tmp_path / "scan")
    damage(folder / "003.dcm")
    expected = rf"scan: 003\.dcm: truncated or damaged pixels .*{reason}"
    with pytest.raises(VolumeError, match=expected):
        read_volume(folder)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_damaged_compressed_pixels_are_refused(
    tmp_path: Path, series: Plan, compress: Compress, syntax: str
) -> None:
    folder = series().write(tmp_path / "scan")
    compress(folder, syntax)
    file = folder / "002.dcm"
    content = bytearray(file.read_bytes())
    frame = content.index(b"\xe0\x7f\x10\x00") + 12 + 8 + 4 + 8  # after the offset table
    content[frame : frame + 64] = b"\xff" * 64
    file.write_bytes(content)
    with pytest.raises(VolumeError, match=r"002\.dcm: truncated or damaged pixels") as caught:
        read_volume(folder)
    assert "\n" not in str(caught.value)


def test_several_frames_in_one_slice_are_refused(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.NumberOfFrames = 2
        dataset.PixelData = dataset.PixelData * 2

    with pytest.raises(VolumeError, match=r"holds \(2, 12, 10\) pixels, not one slice"):
        read_volume(series(edit=edit).write(tmp_path / "scan"))
