import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes import read_volume

HU = NDArray[np.int16]
Plan = Callable[..., Any]
Compress = Callable[[Path, str], None]
Pack = Callable[[Path], Path]


@pytest.mark.parametrize("syntax", [None, "JPEG 2000"])
def test_an_archive_is_read_as_its_folder(
    tmp_path: Path, series: Plan, compress: Compress, pack: Pack, syntax: str | None
) -> None:
    folder = series(names="{:03d}".format).write(tmp_path / "scan")
    if syntax is not None:
        compress(folder, syntax)
    expected = read_volume(folder)
    (folder / "README").write_text("not DICOM")
    (folder / ".DS_Store").write_bytes(b"")
    volume = read_volume(pack(folder))
    np.testing.assert_array_equal(volume.hu, expected.hu)
    np.testing.assert_array_equal(volume.affine, expected.affine)
    assert volume.header == expected.header
    assert {file.name for file in tmp_path.iterdir()} == {"scan", "scan.zip"}


def test_a_multi_frame_file_may_be_packed_too(
    tmp_path: Path, series: Plan, pack: Pack, body_hu: HU
) -> None:
    (tmp_path / "scan").mkdir()
    series().write_multi_frame(tmp_path / "scan" / "all.dcm")
    np.testing.assert_array_equal(read_volume(pack(tmp_path / "scan")).hu, body_hu)


def test_names_that_climb_out_are_harmless(tmp_path: Path, series: Plan, body_hu: HU) -> None:
    folder = series().write(tmp_path / "scan")
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in" / "scan.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"../../{file.name}")
    np.testing.assert_array_equal(read_volume(tmp_path / "in" / "scan.zip").hu, body_hu)
    assert {file.name for file in tmp_path.iterdir()} == {"scan", "in"}


def _encrypted(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # in the directory, of the first member
    file.write_bytes(content)


def _not_a_zip(file: Path) -> None:
    file.write_bytes(b"no archive at all")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-30])


def _bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("000.dcm", b"")
    content = bytearray(file.read_bytes())
    size_at = content.index(b"PK\x01\x02") + 24
    content[size_at : size_at + 4] = (3 * 2**30).to_bytes(4, "little")
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_encrypted, "the archive is encrypted; unpack it"),
        (_not_a_zip, "no readable zip archive"),
        (_cut, "no readable zip archive"),
        (_bomb, r"the archive would unfold to 3\.0 GiB, so it may be a bomb"),
    ],
)
def test_an_archive_that_cannot_be_trusted_is_refused(
    tmp_path: Path, series: Plan, pack: Pack, damage: Callable[[Path], None], reason: str
) -> None:
    file = pack(series().write(tmp_path / "scan"))
    damage(file)
    with pytest.raises(VolumeError, match=rf"scan\.zip: {reason}"):
        read_volume(file)


def test_a_damaged_member_is_named(tmp_path: Path, series: Plan, pack: Pack) -> None:
    file = pack(series().write(tmp_path / "scan"))
    content = bytearray(file.read_bytes())
    at = content.index(b"scan/003.dcm") + 12
    content[at : at + 400] = b"\x55" * 400
    file.write_bytes(content)
    with pytest.raises(VolumeError, match=r"scan\.zip: scan/003\.dcm: ") as caught:
        read_volume(file)
    assert "\n" not in str(caught.value)


def test_an_archive_without_dicom_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "scan.zip", "w") as archive:
        archive.writestr("README.txt", "nothing here")
    with pytest.raises(VolumeError, match="no DICOM files in it"):
        read_volume(tmp_path / "scan.zip")
