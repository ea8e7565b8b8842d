from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume
from mmfeat.volumes.dicom import read_dicom

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Compress = Callable[[Path, str], None]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
COMPRESSED = ["RLE", "JPEG lossless", "JPEG-LS", "JPEG 2000", "HTJ2K"]


@pytest.mark.parametrize("syntax", COMPRESSED)
@pytest.mark.parametrize(("dtype", "bits"), [("<i2", 16), ("<i2", 12), ("<u2", 16), ("<u2", 12)])
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
    assert hu.dtype == np.int16
    if syntax != "HTJ2K":  # SimpleITK has no decoder for it
        np.testing.assert_array_equal(hu, read_with_simpleitk(folder)[0])


def test_twelve_bits_of_lossy_jpeg_are_read(
    tmp_path: Path, series: Plan, compress: Compress, body_hu: HU
) -> None:
    folder = series(dtype="<u2", bits_stored=12).write(tmp_path / "scan")
    compress(folder, "JPEG extended")
    np.testing.assert_allclose(read_volume(folder).hu, body_hu, atol=3)


@pytest.mark.parametrize("syntax", COMPRESSED[1:])
def test_frames_compressed_in_one_file_are_found(
    tmp_path: Path, series: Plan, compress: Compress, body_hu: HU, syntax: str
) -> None:
    file = series().write_multi_frame(tmp_path / "scan.dcm")
    compress(file, syntax)
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


@pytest.mark.parametrize("syntax", [None, "JPEG-LS"])
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_nothing(
    tmp_path: Path,
    series: Plan,
    compress: Compress,
    body_hu: HU,
    syntax: str | None,
    threads: int,
) -> None:
    folder = series().write(tmp_path / "scan")
    series().write_multi_frame(tmp_path / "scan.dcm")
    for path in (folder, tmp_path / "scan.dcm"):
        if syntax is not None:
            compress(path, syntax)
        volume = read_dicom(path, ReadingRules(), threads=threads)
        np.testing.assert_array_equal(volume.hu, body_hu)


def test_an_error_in_a_thread_is_the_error(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    folder = series().write(tmp_path / "scan")
    file = folder / "003.dcm"
    content = file.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")
    compressed = content.replace(b"OW\0\0\xf0\0\0\0", b"OB\0\0\xff\xff\xff\xff")
    file.write_bytes(compressed)
    with pytest.raises(VolumeError, match=r"003\.dcm: truncated or damaged pixels"):
        read_dicom(folder, ReadingRules(), threads=2)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
@pytest.mark.parametrize(("dtype", "bits"), [("<i2", 16), ("<i2", 12), ("<u2", 12), ("<u2", 16)])
def test_every_uncompressed_layout_is_read(
    tmp_path: Path, series: Plan, body_hu: HU, syntax: Any, dtype: str, bits: int
) -> None:
    plan = series(syntax=syntax, dtype=dtype, bits_stored=bits)
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.hu.dtype == np.int16


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("dtype", "bits"), [("<i4", 32), ("<i4", 20), ("<u4", 32)])
def test_pixels_of_four_bytes_are_read(
    tmp_path: Path, series: Plan, body_hu: HU, syntax: Any, dtype: str, bits: int
) -> None:
    plan = series(syntax=syntax, dtype=dtype, bits_stored=bits)
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.hu.dtype == np.int16


def test_pixels_of_one_byte_are_read(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    coarse = (body_hu // 10 * 10).clip(-1000, 1000).astype(np.int16)
    plan = series(hu=coarse, dtype="u1", bits_stored=8, slopes=[10.0], intercepts=[-1000.0])
    volume = read_volume(plan.write(tmp_path / "scan"))
    np.testing.assert_array_equal(volume.hu, coarse)
    assert volume.hu.dtype == np.float32  # a slope of 10 may leave whole numbers, or may not


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
    [(_cut, "190 of 240 bytes"), (_without_pixels, "there is no pixel data")],
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
def test_truncated_compressed_pixels_are_refused(
    tmp_path: Path, series: Plan, compress: Compress, syntax: str
) -> None:
    folder = series().write(tmp_path / "scan")
    compress(folder, syntax)
    _cut(folder / "002.dcm")
    with pytest.raises(VolumeError, match=r"002\.dcm: truncated or damaged pixels"):
        read_volume(folder)


@pytest.mark.parametrize("syntax", COMPRESSED)
def test_damaged_compressed_pixels_are_refused(
    tmp_path: Path, series: Plan, compress: Compress, syntax: str
) -> None:
    folder = series().write(tmp_path / "scan")
    compress(folder, syntax)
    file = folder / "002.dcm"
    content = bytearray(file.read_bytes())
    frame = content.index(b"\xe0\x7f\x10\x00") + 12 + 8 + 8
    frame += 4 * (syntax != "HTJ2K")  # GDCM writes an offset table
    content[frame : frame + 64] = b"\xff" * 64
    file.write_bytes(content)
    with pytest.raises(VolumeError, match=r"002\.dcm: truncated or damaged pixels") as caught:
        read_volume(folder)
    assert "\n" not in str(caught.value)


def test_several_frames_in_one_slice_are_refused(tmp_path: Path, series: Plan) -> None:
    def edit(dataset: Dataset, index: int) -> None:
        dataset.NumberOfFrames = 2
        dataset.PixelData = dataset.PixelData * 2

    with pytest.raises(VolumeError, match=r"2 frames in an object for one slice"):
        read_volume(series(edit=edit).write(tmp_path / "scan"))


def test_a_size_that_no_ct_has_is_refused_before_memory_is_taken(
    tmp_path: Path, series: Plan, compress: Compress
) -> None:
    folder = series().write(tmp_path / "scan")
    compress(folder, "JPEG-LS")
    for file in folder.iterdir():
        content = file.read_bytes()
        for tag, size in ((b"\x10", b"\x0c"), (b"\x11", b"\x0a")):  # rows and columns: 8192
            element = b"\x28\0" + tag + b"\0US\x02\0"
            assert element + size in content
            content = content.replace(element + size + b"\0", element + b"\0\x20")
        file.write_bytes(content)
    with pytest.raises(VolumeError, match=r"JPEG of \(12, 10\) pixels"):
        read_volume(folder)


def test_compressed_pixels_of_a_known_length_are_not_compressed(
    tmp_path: Path, series: Plan, body_hu: HU
) -> None:
    folder = series().write(tmp_path / "scan")
    for file in folder.iterdir():
        syntax = (b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0")  # says RLE
        file.write_bytes(file.read_bytes().replace(*syntax))
    np.testing.assert_array_equal(read_volume(folder).hu, body_hu)
