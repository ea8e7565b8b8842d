import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]


@pytest.fixture
def write(tmp_path: Path, body_hu: HU) -> Callable[..., Path]:
    """Write the body, oblique, by SimpleITK, then change the text of its header."""

    def write_metaimage(
        name: str = "scan.mha",
        *,
        dtype: str = "i2",
        packed: bool = False,
        edit: Callable[[bytes], bytes] = bytes,
    ) -> Path:
        image = SimpleITK.GetImageFromArray(body_hu.astype(dtype))
        image.SetSpacing((0.5, 0.75, 2.5))
        image.SetOrigin((-120.5, 80.25, 31.0))
        turned = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
        image.SetDirection(turned.ravel().tolist())
        file = tmp_path / name
        SimpleITK.WriteImage(image, str(file), packed)
        file.write_bytes(edit(file.read_bytes()))
        return file

    return write_metaimage


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def replace(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return replace


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
@pytest.mark.parametrize("name", ["scan.mha", "scan.mhd"])
@pytest.mark.parametrize("packed", [False, True])
def test_values_and_geometry_are_those_of_simpleitk(
    write: Callable[..., Path],
    read_with_simpleitk: Simpleitk,
    dtype: str,
    name: str,
    *,
    packed: bool,
) -> None:
    file = write(name, dtype=dtype, packed=packed)
    values, affine = read_with_simpleitk(file)
    volume = read_volume(file, ReadingRules(check_hu=False))
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-6)
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5))
    assert volume.notes == ()


@pytest.mark.parametrize(
    "edit",
    [
        _replaced(b"MET_SHORT", b"MET_SHORT\r"),
        _replaced(b"ElementSpacing = ", b"ElementSpacing =   "),
        _replaced(b"ElementSpacing", b"ElementSize"),
        _replaced(b"TransformMatrix", b"Orientation"),
        _replaced(b"Offset", b"Position"),
        _replaced(b"BinaryDataByteOrderMSB", b"ElementByteOrderMSB"),
        _replaced(b"CompressedData = False\n", b""),
        _replaced(b"ElementType", b"HeaderSize = -1\nElementType"),
    ],
    ids=["windows", "blanks", "size", "orientation", "position", "order", "plain", "end"],
)
def test_other_spellings_are_read_as_simpleitk_reads_them(
    write: Callable[..., Path], read_with_simpleitk: Simpleitk, edit: Callable[[bytes], bytes]
) -> None:
    file = write(edit=edit)
    values, affine = read_with_simpleitk(file)
    volume = read_volume(file)
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-6)


def test_big_endian_numbers_are_read(write: Callable[..., Path], body_hu: HU) -> None:
    file = write("scan.mhd", edit=_replaced(b"ByteOrderMSB = False", b"ByteOrderMSB = True"))
    file.with_suffix(".raw").write_bytes(body_hu.astype(">i2").tobytes())
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


def test_bytes_before_the_voxels_are_skipped(write: Callable[..., Path], body_hu: HU) -> None:
    file = write("scan.mhd", edit=_replaced(b"ElementType", b"HeaderSize = 7\nElementType"))
    file.with_suffix(".raw").write_bytes(bytes(7) + body_hu.tobytes())
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


def test_gzip_is_unpacked_too(write: Callable[..., Path], body_hu: HU) -> None:
    file = write("scan.mhd", packed=True)
    file.with_suffix(".zraw").write_bytes(gzip.compress(body_hu.tobytes()))
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


def test_one_wrong_bit_of_packed_voxels_is_noticed(write: Callable[..., Path]) -> None:
    file = write("scan.mhd", packed=True)
    voxels = file.with_suffix(".zraw")
    packed, rng = voxels.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(packed)
        damaged[rng.integers(2, len(packed))] ^= 1 << rng.integers(8)
        voxels.write_bytes(damaged)
        with pytest.raises(VolumeError, match="truncated or damaged zlib file"):
            read_volume(file, ReadingRules(check_hu=False))


def test_lengths_are_in_millimetres(write: Callable[..., Path]) -> None:
    file = write(edit=_replaced(b"ElementType", b"DistanceUnits = cm\nElementType"))
    assert read_volume(file).spacing_mm == pytest.approx((25, 7.5, 5))


def test_one_frame_in_four_dimensions_is_a_volume(tmp_path: Path, body_hu: HU) -> None:
    image = SimpleITK.JoinSeries([SimpleITK.GetImageFromArray(body_hu)])
    SimpleITK.WriteImage(image, str(tmp_path / "scan.mha"))
    volume = read_volume(tmp_path / "scan.mha")
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert [note.code for note in volume.notes] == ["singleton-axis"]


def test_an_unknown_position_is_noted(write: Callable[..., Path]) -> None:
    volume = read_volume(write(edit=_replaced(b"Offset = ", b"Comment = ")))
    assert volume.affine[:3, 3].tolist() == [0, 0, 0]
    assert [note.code for note in volume.notes] == ["origin-unknown"]


def test_free_text_is_not_kept(write: Callable[..., Path]) -> None:
    file = write(edit=_replaced(b"NDims", b"Comment = Nemo\nPatientName = Nemo\nNDims"))
    assert "Nemo" not in repr(read_volume(file))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: b"", "the file is empty"),
        (lambda content: b"hello", "not a MetaImage file: no ElementDataFile"),
        (lambda content: content[:-1], "truncated: its header promises 1200 bytes, 1199 are there"),
        (_replaced(b"NDims = 3\n", b""), "broken MetaImage header: no NDims"),
        (_replaced(b"NDims = 3", b"NDims = 0"), "0 dimensions"),
        (_replaced(b"NDims = 3", b"NDims = 2"), "3 numbers in DimSize, not 2"),
        (_replaced(b"NDims = 3", b"NDims = 3.5"), r"NDims is \[3\.5\]"),
        (_replaced(b"DimSize = 10", b"DimSize = 9999999999"), "more than any CT has"),
        (_replaced(b"DimSize = 10", b"DimSize = x"), "DimSize is 'x 12 5'"),
        (_replaced(b"DimSize = 10", b"DimSize = nan"), "DimSize is 'nan 12 5'"),
        (_replaced(b"TransformMatrix", b"Comment"), "no TransformMatrix"),
        (_replaced(b"ElementSpacing", b"Comment"), "no ElementSpacing"),
        (_replaced(b"ElementSpacing = 0.5", b"ElementSpacing = 0"), "TransformMatrix is singular"),
        (_replaced(b"MET_SHORT", b"MET_STRING"), "1 x 'MET_STRING' a voxel, a CT has one real"),
        (_replaced(b"ElementT", b"ElementNumberOfChannels = 3\nElementT"), "3 x 'MET_SHORT' a"),
        (_replaced(b"BinaryData = True", b"BinaryData = False"), "its voxels are text"),
        (_replaced(b"CompressedData = False", b"CompressedData = True"), "damaged zlib file"),
        (_replaced(b"ElementT", b"HeaderSize = -2\nElementT"), "HeaderSize is -2"),
        (_replaced(b"ElementT", b"DistanceUnits = ell\nElementT"), "unknown unit of length"),
        (
            _replaced(b"ElementT", b"ElementToIntensityFunctionSlope = 2\nElementT"),
            r"slope 2 and offset 0 in its header.* set reading\.slope and reading\.intercept",
        ),
        (_replaced(b"= LOCAL", b"= ../scan.raw"), "not in its own folder"),
        (_replaced(b"= LOCAL", b"= scan.raw"), "is not beside it"),
        (_replaced(b"= LOCAL", b"= LIST"), "in several files"),
        (_replaced(b"= LOCAL", b"= scan%03d.raw 1 5 1"), "in several files"),
    ],
)
def test_damage_is_named(
    write: Callable[..., Path], damage: Callable[[bytes], bytes], reason: str
) -> None:
    file = write(edit=damage)
    with pytest.raises(VolumeError, match=reason) as caught:
        read_volume(file)
    assert str(caught.value).startswith(f"{file}: ")
