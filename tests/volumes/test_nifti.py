import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import ReadingRules, Volume, read_volume

Nifti = Callable[..., Path]


@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8", "i1"])
@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_every_type_of_number_is_read(
    nifti: Nifti, body_hu: NDArray[np.int16], dtype: str, name: str, kind: Any
) -> None:
    stored = np.clip(body_hu, -128, 127) if dtype == "i1" else body_hu
    file = nifti(stored.astype(dtype), name=name, kind=kind, edit=lambda h: h.set_data_dtype(dtype))
    volume = read_volume(file)
    np.testing.assert_array_equal(volume.hu, stored.astype(np.float32))
    assert volume.hu.dtype == (np.float32 if "f" in dtype else np.int16)
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5))


@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "<u4"])
def test_numbers_without_a_sign_are_whole_hu_after_their_intercept(
    nifti: Nifti, body_hu: NDArray[np.int16], dtype: str
) -> None:
    stored = (body_hu // 8 + 128).astype(dtype)

    def edit(header: Any) -> None:
        header.set_data_dtype(dtype)
        header["scl_slope"], header["scl_inter"] = 8, -1024

    hu = read_volume(nifti(stored, edit=edit)).hu
    np.testing.assert_array_equal(hu, body_hu // 8 * 8)
    assert hu.dtype == np.int16


@pytest.mark.parametrize(
    ("slope", "intercept", "dtype"),
    [
        (1, -1024, np.int16),
        (2, 0, np.int16),
        (-1, 5, np.int16),
        (0.5, 10.25, np.float32),
        (1, 0.5, np.float32),
        (40, 0, np.float32),
        (1, 1e9, np.float32),
    ],
)
def test_slope_and_intercept_are_applied_once_as_simpleitk_does(
    tmp_path: Path,
    nifti: Nifti,
    body_hu: NDArray[np.int16],
    slope: float,
    intercept: float,
    dtype: type[np.generic],
) -> None:
    file = nifti(name="plain.nii")
    content = bytearray(file.read_bytes())
    content[112:120] = struct.pack("<ff", slope, intercept)
    scaled = tmp_path / "scaled.nii"
    scaled.write_bytes(content)
    hu = read_volume(scaled, ReadingRules(check_hu=False)).hu
    assert hu.dtype == dtype
    expected = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(scaled)))
    np.testing.assert_allclose(hu, expected, atol=1e-3)
    np.testing.assert_allclose(hu, body_hu * float(slope) + intercept, rtol=1e-6, atol=1e-3)


def test_a_slope_of_zero_means_that_nothing_is_rescaled(
    nifti: Nifti, body_hu: NDArray[np.int16]
) -> None:
    def edit(header: Any) -> None:
        header["scl_slope"], header["scl_inter"] = 0, 3

    file = nifti(edit=edit)
    np.testing.assert_array_equal(read_volume(file).hu, body_hu)
    np.testing.assert_array_equal(nibabel.load(file).get_fdata().T, body_hu)


def test_the_array_is_writeable_and_its_own(nifti: Nifti) -> None:
    hu = read_volume(nifti()).hu
    hu[0, 0, 0] = 5
    assert hu.flags.owndata or hu.base is not None
    assert hu[0, 0, 0] == 5


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("name", "damage", "reason"),
    [
        ("a.nii", lambda c: c[:-1], "truncated: its header promises 1552 bytes, 1551 are there"),
        ("b.nii.gz", _cut, "truncated or damaged gzip file"),
        ("c.nii", lambda c: c[:100], "not a NIfTI file"),
        ("d.nii", lambda c: b"hello" * 200, "not a NIfTI file"),
        ("e.nii", lambda c: c[:344] + b"ni1\0" + c[348:], "not a single-file NIfTI"),
        ("f.nii", lambda c: c[:70] + b"\xe7\x03" + c[72:], "broken NIfTI header: .*999"),
        ("g.nii", lambda c: c[:42] + b"\xff\xff" + c[44:], "broken header: its size is -1"),
        ("h.nii", lambda c: c[:112] + struct.pack("<ff", 1, np.inf) + c[120:], "intercept inf"),
        ("i.nii", lambda c: c[:108] + struct.pack("<f", np.nan) + c[112:], "broken NIfTI header"),
        ("j.nii", lambda c: c[:108] + struct.pack("<f", 1e6) + c[112:], "truncated"),
        ("q.nii", lambda c: c[:108] + struct.pack("<f", 100) + c[112:], "begin at byte 100"),
        ("n.nii.gz", lambda c: c[:30], "truncated or damaged gzip file"),
        ("o.nii.gz", lambda c: c[:40] + b"\xff" * 9 + c[49:], "truncated or damaged gzip file"),
        ("k.nii", lambda c: c[:40] + struct.pack("<h", 0) + c[42:], "one slice|its size is"),
        ("l.nii", lambda c: b"", "the file is empty"),
        ("m.nii.gz", lambda c: gzip.decompress(c), "not a gzip file"),
    ],
)
def test_damage_is_named(
    nifti: Nifti, name: str, damage: Callable[[bytes], bytes], reason: str
) -> None:
    file = nifti(name=name)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(VolumeError, match=reason) as caught:
        read_volume(file)
    assert str(caught.value).startswith(f"{file}: ")


def test_a_wrong_checksum_is_damage_although_every_voxel_is_there(nifti: Nifti) -> None:
    file = nifti()
    content = bytearray(file.read_bytes())
    content[-8] ^= 0xFF  # the checksum of the gzip trailer
    file.write_bytes(content)
    assert nibabel.load(file).get_fdata().shape == (10, 12, 5)  # nibabel does not look
    with pytest.raises(VolumeError, match=r"damaged gzip file .*[Cc]hecksum"):
        read_volume(file)


def test_gzip_in_several_members_is_one_file(nifti: Nifti, body_hu: NDArray[np.int16]) -> None:
    file = nifti(name="scan.nii")
    content = file.read_bytes()
    parts = gzip.compress(content[:700]) + gzip.compress(content[700:])
    several = file.with_suffix(".nii.gz")
    several.write_bytes(parts)
    np.testing.assert_array_equal(read_volume(several).hu, body_hu)


def test_complex_numbers_are_refused(nifti: Nifti) -> None:
    file = nifti(np.ones((3, 4, 5), np.complex64))
    with pytest.raises(VolumeError, match="complex64 voxels, a CT has one real number"):
        read_volume(file)


def test_one_frame_is_a_volume_and_several_are_not(
    nifti: Nifti, body_hu: NDArray[np.int16]
) -> None:
    volume = read_volume(nifti(body_hu[None, None]))
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert [note.code for note in volume.notes] == ["singleton-axis"]
    with pytest.raises(VolumeError, match="10 x 12 x 5 x 2 voxels, so 2 volumes in one file"):
        read_volume(nifti(np.stack([body_hu, body_hu])))


@pytest.mark.parametrize("name", ["scan.nii", "scan.nii.gz"])
def test_bytes_after_the_last_voxel_are_noted(nifti: Nifti, name: str) -> None:
    def one_less(header: Any) -> None:
        header["dim"][3] = 4

    assert [note.code for note in read_volume(nifti(name=name, edit=one_less)).notes] == [
        "trailing-bytes"
    ]


def test_an_extension_before_the_voxels_is_passed_over_unread(
    tmp_path: Path, body_hu: NDArray[np.int16]
) -> None:
    image = nibabel.Nifti1Image(body_hu.T, np.eye(4))
    image.header["descrip"] = b"Nemo"
    image.header["aux_file"] = b"Nemo"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"Nemo" * 500))
    image.to_filename(tmp_path / "scan.nii.gz")
    volume = read_volume(tmp_path / "scan.nii.gz")
    np.testing.assert_array_equal(volume.hu, body_hu)
    assert volume.header == {}
    assert "Nemo" not in repr(volume)


def test_odd_headers_print_nothing(nifti: Nifti, capfd: pytest.CaptureFixture[str]) -> None:
    file = nifti(name="scan.nii")
    content = bytearray(file.read_bytes())
    content[76:80] = struct.pack("<f", 0)  # qfac 0, which nibabel comments on
    content[252:254] = struct.pack("<h", 1)
    file.write_bytes(content)
    assert read_volume(file).hu.shape == (5, 12, 10)
    assert capfd.readouterr() == ("", "")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(position=st.integers(0, 351), value=st.integers(0, 255))
def test_any_byte_of_the_header_may_be_wrong(nifti: Nifti, position: int, value: int) -> None:
    file = nifti(name="scan.nii")
    content = bytearray(file.read_bytes())
    content[position] = value
    file.write_bytes(content)
    try:
        volume = read_volume(file, ReadingRules(check_hu=False))
    except VolumeError as error:
        assert str(error).startswith(f"{file}: ")  # noqa: PT017 - either outcome is right
    else:
        assert isinstance(volume, Volume)
        assert np.isfinite(volume.affine).all()
