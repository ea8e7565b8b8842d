from collections.abc import Callable
from pathlib import Path
from typing import Any

import nrrd
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, read_volume

HU = NDArray[np.int16]
Simpleitk = Callable[[Path], tuple[NDArray[np.float32], NDArray[np.float64]]]
LPS = "left-posterior-superior"


@pytest.fixture
def image(body_hu: HU) -> Callable[..., SimpleITK.Image]:
    """An oblique image, as SimpleITK holds it."""

    def make(dtype: str = "i2") -> SimpleITK.Image:
        made = SimpleITK.GetImageFromArray(body_hu.astype(dtype))
        made.SetSpacing((0.5, 0.75, 2.5))
        made.SetOrigin((-120.5, 80.25, 31.0))
        turned = Rotation.from_euler("xyz", [20, -35, 50], degrees=True).as_matrix()
        made.SetDirection(turned.ravel().tolist())
        return made

    return make


@pytest.fixture
def write(tmp_path: Path, body_hu: HU) -> Callable[..., Path]:
    """Write the body by pynrrd; fields replace those of a plain LPS volume, None leaves one out."""

    def write_nrrd(values: NDArray[Any] = body_hu, name: str = "a.nrrd", **fields: Any) -> Path:
        header = {
            "space": LPS,
            "space directions": np.diag([0.5, 0.75, 2.5]),
            "space origin": [1.0, 2.0, 3.0],
            **{key.replace("_", " "): value for key, value in fields.items()},
        }
        kept = {key: value for key, value in header.items() if value is not None}
        nrrd.write(str(tmp_path / name), values, kept, index_order="C")
        return tmp_path / name

    return write_nrrd


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8"])
@pytest.mark.parametrize("name", ["scan.nrrd", "scan.nhdr"])
@pytest.mark.parametrize("packed", [False, True])
def test_values_and_geometry_are_those_of_simpleitk(
    tmp_path: Path,
    image: Callable[..., SimpleITK.Image],
    read_with_simpleitk: Simpleitk,
    dtype: str,
    name: str,
    *,
    packed: bool,
) -> None:
    SimpleITK.WriteImage(image(dtype), str(tmp_path / name), packed)
    values, affine = read_with_simpleitk(tmp_path / name)
    volume = read_volume(tmp_path / name, ReadingRules(check_hu=False))
    np.testing.assert_array_equal(volume.hu, values)
    np.testing.assert_allclose(volume.affine, affine, atol=1e-6)
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5))
    assert volume.notes == ()


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2"])
@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
@pytest.mark.parametrize("dtype", ["<i2", ">i2", ">f4"])
def test_what_pynrrd_writes_is_read(
    write: Callable[..., Path], body_hu: HU, encoding: str, name: str, dtype: str
) -> None:
    volume = read_volume(write(body_hu.astype(dtype), name, encoding=encoding))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.hu.dtype == (np.float32 if "f" in dtype else np.int16)


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        (LPS, (-1, -1, 1)),
        ("LPS", (-1, -1, 1)),
        ("right-anterior-superior", (1, 1, 1)),
        ("RAS", (1, 1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
    ],
)
def test_every_space_of_a_patient_becomes_ras(
    write: Callable[..., Path], space: str, signs: tuple[int, int, int]
) -> None:
    affine = read_volume(write(space=space)).affine[:, [2, 1, 0, 3]]
    expected = np.column_stack([np.diag([0.5, 0.75, 2.5]), [1, 2, 3]]) * np.array([signs]).T
    np.testing.assert_array_equal(affine[:3], expected)


def test_space_units_are_millimetres_in_the_end(write: Callable[..., Path]) -> None:
    directions = np.diag([0.0005, 0.075, 2.5])
    file = write(space_directions=directions, space_units=["m", "cm", "mm"])
    volume = read_volume(file)
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5))
    assert volume.affine[:3, 3] == pytest.approx([-1000, -20, 3])


@pytest.mark.parametrize("axis", [0, 3])
def test_an_axis_of_one_frame_or_component_is_left_out(
    write: Callable[..., Path], body_hu: HU, axis: int
) -> None:
    directions = np.insert(np.diag([0.5, 0.75, 2.5]), axis, np.nan, axis=0)
    volume = read_volume(write(np.expand_dims(body_hu, 3 - axis), space_directions=directions))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert [note.code for note in volume.notes] == ["singleton-axis"]


def test_an_unknown_position_is_noted(write: Callable[..., Path]) -> None:
    volume = read_volume(write(space_origin=None))
    assert volume.affine[:3, 3].tolist() == [0, 0, 0]
    assert [note.code for note in volume.notes] == ["origin-unknown"]


def test_free_keys_are_not_kept_nor_taken_for_fields(write: Callable[..., Path]) -> None:
    file = write()
    content = file.read_bytes().replace(b"type:", b"patient name:=Nemo\nsizes:=1 1 1\ntype:", 1)
    file.write_bytes(content)
    volume = read_volume(file)
    assert volume.hu.shape == (5, 12, 10)
    assert "Nemo" not in repr(volume)


@pytest.mark.parametrize("skip", ["byte skip: 100", "byteskip: -1"])
@pytest.mark.parametrize("name", ["a.nrrd", "a.nhdr"])
def test_bytes_before_the_voxels_are_skipped(
    write: Callable[..., Path], body_hu: HU, name: str, skip: str
) -> None:
    file = write(name=name, encoding="raw")
    head = file.read_bytes().partition(b"\n\n")[0]
    raw = file.with_suffix(".raw") if name == "a.nhdr" else file
    before = b"" if raw != file else head + f"\n{skip}\n\n".encode()
    raw.write_bytes(before + bytes(100) + body_hu.tobytes())
    if raw != file:
        file.write_bytes(head.rstrip() + f"\n{skip}\n".encode())
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


def test_windows_line_ends_are_line_ends(write: Callable[..., Path], body_hu: HU) -> None:
    file = write()
    head, _, voxels = file.read_bytes().partition(b"\n\n")
    file.write_bytes(head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + voxels)
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    def replace(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new, 1)

    return replace


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda content: b"", "the file is empty"),
        (lambda content: b"hello" + content, "not a NRRD file"),
        (lambda content: content[:-1], "truncated: its header promises 1200 bytes, 1199 are there"),
        (_replaced(b"NRRD", b"NRRD9"), "broken NRRD header: Unsupported NRRD file version"),
        (_replaced(b"type: int16\n", b""), "broken NRRD header: no type"),
        (_replaced(b"type: int16", b"type: block"), "its type is 'block'"),
        (_replaced(b"dimension: 3", b"dimension: 4"), "4 dimensions, but 3 sizes"),
        (_replaced(b"sizes: 10", b"sizes: 90000000000000"), "more than any CT has"),
        (_replaced(b"sizes: 10", b"sizes: 0"), "its size is 0 x 12 x 5"),
        (_replaced(b"sizes: 10", b"sizes: x"), "broken NRRD header"),
        (_replaced(b"endian: little", b"endian: middle"), "its endian is 'middle'"),
        (_replaced(b"encoding: raw", b"encoding: hex"), "its encoding is 'hex'; save it as raw"),
        (_replaced(b"encoding: raw", b"encoding: gzip"), "truncated or damaged gzip file"),
        (_replaced(b"encoding: raw", b"encoding: raw\nline skip: 1"), "asks to skip lines"),
        (_replaced(b"encoding: raw", b"encoding: raw\nbyte skip: -7"), "bytes to skip"),
        (_replaced(LPS.encode(), b"scanner-xyz"), "its space is 'scanner-xyz', where nobody"),
        (_replaced(b"(0.5,0,0)", b"none"), "3 axes, 2 of them with a direction in space"),
        (_replaced(b"(0.5,0,0)", b"(0,0,0)"), "its space directions is singular"),
        (_replaced(b"(1,2,3)", b"(1,2)"), "vectors in space must have three numbers"),
        (_replaced(b"(1,2,3)", b"(1,2,nan)"), "is not finite"),
        (_replaced(b"\n\n", b'\nspace units: "mm" "mm" "furlong"\n\n'), "unknown units of length"),
        (_replaced(b"\n\n", b"\ndata file: ../b.raw\n\n"), "not in its own folder"),
        (_replaced(b"\n\n", b"\ndatafile: b.raw\n\n"), "is not beside it"),
        (_replaced(b"\n\n", b"\ndata file: LIST\nb.raw\n\n"), "broken NRRD header|several files"),
        (_replaced(b"\n\n", b"\ndata file: b%03d.raw 1 9 1\n\n"), "in several files"),
    ],
)
def test_damage_is_named(
    write: Callable[..., Path], damage: Callable[[bytes], bytes], reason: str
) -> None:
    file = write(encoding="raw")
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(VolumeError, match=reason) as caught:
        read_volume(file)
    assert str(caught.value).startswith(f"{file}: ")


def test_orientation_has_to_be_known(write: Callable[..., Path]) -> None:
    file = write(space=None, space_directions=None, space_origin=None, spacings=[1, 1, 1])
    with pytest.raises(VolumeError, match="no space directions, so orientation and spacing"):
        read_volume(file)


def test_several_frames_are_refused(write: Callable[..., Path], body_hu: HU) -> None:
    directions = np.insert(np.diag([0.5, 0.75, 2.5]), 3, np.nan, axis=0)
    file = write(np.stack([body_hu, body_hu]), space_directions=directions)
    with pytest.raises(VolumeError, match="10 x 12 x 5 x 2 voxels, so 2 volumes in one file"):
        read_volume(file)
