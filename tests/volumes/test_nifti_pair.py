import gzip
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import read_volume

HU = NDArray[np.int16]
AFFINE = np.diag([-0.5, 0.75, 2.5, 1.0])


@pytest.fixture
def write(tmp_path: Path, body_hu: HU) -> Callable[..., Path]:
    """Write the body as a pair by nibabel; return its header."""

    def write_pair(kind: type[nibabel.Nifti1Pair] = nibabel.Nifti1Pair) -> Path:
        kind(body_hu.T, AFFINE).to_filename(tmp_path / "scan.hdr")
        return tmp_path / "scan.hdr"

    return write_pair


@pytest.mark.parametrize("kind", [nibabel.Nifti1Pair, nibabel.Nifti2Pair])
@pytest.mark.parametrize("given", [".hdr", ".img"])
def test_either_file_of_a_pair_can_be_given(
    write: Callable[..., Path], body_hu: HU, kind: type[nibabel.Nifti1Pair], given: str
) -> None:
    volume = read_volume(write(kind).with_suffix(given))
    np.testing.assert_array_equal(volume.hu, body_hu)
    np.testing.assert_array_equal(volume.affine, AFFINE[:, [2, 1, 0, 3]])
    assert volume.hu.dtype == np.int16


@pytest.mark.parametrize("packed", [(".hdr",), (".img",), (".hdr", ".img")])
def test_each_file_of_a_pair_may_be_packed(
    write: Callable[..., Path], body_hu: HU, packed: tuple[str, ...]
) -> None:
    header = write()
    for ending in packed:
        plain = header.with_suffix(ending)
        plain.with_suffix(f"{ending}.gz").write_bytes(gzip.compress(plain.read_bytes()))
        plain.unlink()
    for file in header.parent.iterdir():
        np.testing.assert_array_equal(read_volume(file).hu, body_hu)


@pytest.mark.parametrize(
    ("gone", "given", "reason"),
    [
        (".img", ".hdr", r"half of a pair, and scan\.img is not beside it"),
        (".hdr", ".img", r"half of a pair, and scan\.hdr is not beside it"),
    ],
)
def test_a_missing_half_is_named(
    write: Callable[..., Path], gone: str, given: str, reason: str
) -> None:
    header = write()
    header.with_suffix(gone).unlink()
    with pytest.raises(VolumeError, match=reason):
        read_volume(header.with_suffix(given))


@pytest.mark.parametrize("given", [".hdr", ".img"])
def test_analyze_does_not_know_left_from_right(tmp_path: Path, body_hu: HU, given: str) -> None:
    nibabel.AnalyzeImage(body_hu.T, AFFINE).to_filename(tmp_path / "scan.hdr")
    with pytest.raises(
        VolumeError, match=r"Analyze 7\.5 file, which cannot say which side is left"
    ):
        read_volume((tmp_path / "scan.hdr").with_suffix(given))


def test_the_header_of_a_single_file_belongs_into_one(write: Callable[..., Path]) -> None:
    header = write()
    content = bytearray(header.read_bytes())
    content[344:347] = b"n+1"
    header.write_bytes(content)
    with pytest.raises(VolumeError, match="its magic is not ni1"):
        read_volume(header)


def test_damage_names_the_file_that_is_damaged(write: Callable[..., Path]) -> None:
    header = write()
    image = header.with_suffix(".img")
    image.write_bytes(image.read_bytes()[:-1])
    with pytest.raises(VolumeError, match=r"scan\.hdr: scan\.img: truncated: .* 1199 are there"):
        read_volume(header)
    image.write_bytes(b"")
    with pytest.raises(VolumeError, match=r"scan\.hdr: scan\.img: the file is empty"):
        read_volume(header)
