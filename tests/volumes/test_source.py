import os
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from mmfeat.errors import VolumeError
from mmfeat.volumes import SourceStamp, source_sha256, source_stamp, source_stat, stat_change


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "scan"
    (folder / "deeper").mkdir(parents=True)
    (folder / "a").write_bytes(b"first")
    (folder / "deeper" / "b").write_bytes(b"second")
    return folder


def test_the_digest_of_a_file_is_that_of_its_bytes(folder: Path) -> None:
    assert source_sha256(folder / "a") == sha256(b"first").hexdigest()


def test_the_digest_of_a_folder_is_that_of_its_files_and_their_places(folder: Path) -> None:
    lines = [f"{sha256(b'first').hexdigest()} a", f"{sha256(b'second').hexdigest()} deeper/b"]
    assert source_sha256(folder) == sha256("\n".join(lines).encode()).hexdigest()


def test_the_change_of_a_stat_is_said_in_words(folder: Path) -> None:
    before = source_stat(folder)
    (folder / "a").write_bytes(b"longer")
    assert stat_change(before, source_stat(folder)) == "size 11 -> 12 bytes"
    before = source_stat(folder)
    os.utime(folder / "a", (1, 1))
    assert "touched" in stat_change(before, source_stat(folder))
    assert stat_change(before, "") == "it is gone"
    assert stat_change("", before) == "it is there again"


@pytest.mark.parametrize("name", ["scan", "scan/a"])
def test_moving_changes_neither_digest(folder: Path, tmp_path: Path, name: str) -> None:
    before = source_stamp(tmp_path / name)
    shutil.move(folder, tmp_path / "elsewhere")
    (tmp_path / "deep").mkdir()
    shutil.move(tmp_path / "elsewhere", tmp_path / "deep" / "scan")
    assert source_stamp(tmp_path / "deep" / name) == before


def test_the_stamp_holds_both_digests(folder: Path) -> None:
    stamp = SourceStamp(sha256=source_sha256(folder), stat=source_stat(folder))
    assert source_stamp(folder) == stamp
    assert (len(stamp.sha256), len(stamp.stat)) == (64, len("11 ") + 16)


def test_any_change_of_a_file_shows(folder: Path) -> None:
    stamps = {source_stamp(folder)}
    file = folder / "deeper" / "b"
    status = file.stat()
    file.write_bytes(b"third!")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    stamps.add(source_stamp(folder))
    assert len({stamp.sha256 for stamp in stamps}) == 2
    assert len({stamp.stat for stamp in stamps}) == 1  # what the cheap one cannot see
    os.utime(file, ns=(0, 10**9))
    assert source_stat(folder) not in {stamp.stat for stamp in stamps}
    file.rename(folder / "deeper" / "c")
    assert source_sha256(folder) not in {stamp.sha256 for stamp in stamps}


def test_hidden_files_are_no_part_of_a_source(folder: Path) -> None:
    before = source_stamp(folder)
    (folder / ".DS_Store").write_bytes(b"1")
    (folder / ".git").mkdir()
    (folder / ".git" / "head").write_bytes(b"2")
    assert source_stamp(folder) == before


def test_names_that_are_not_utf8_are_digested(folder: Path) -> None:
    before = source_sha256(folder)
    (folder / os.fsdecode(b"\xff\xfe")).write_bytes(b"")
    assert source_sha256(folder) != before


@pytest.mark.parametrize("stamp", [source_stamp, source_sha256, source_stat])
def test_a_missing_source_is_one_line(tmp_path: Path, stamp: object) -> None:
    assert callable(stamp)
    with pytest.raises(VolumeError, match="gone: cannot be read: No such file or directory"):
        stamp(tmp_path / "gone")


@pytest.mark.parametrize("changed", ["scan.nhdr", "scan.raw"])
def test_a_header_and_its_voxels_in_another_file_are_one_source(tmp_path, changed):
    header = tmp_path / "scan.nhdr"
    header.write_text(
        "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nendian: little\n"
        "encoding: raw\ndata file: scan.raw\n"
    )
    (tmp_path / "scan.raw").write_bytes(bytes(16))
    (tmp_path / "other.raw").write_bytes(bytes(16))
    before = source_stamp(header)
    (tmp_path / "other.raw").write_bytes(bytes(17))
    assert source_stamp(header) == before
    with (tmp_path / changed).open("ab") as stream:
        stream.write(b"\n")
    after = source_stamp(header)
    assert after.sha256 != before.sha256
    assert after.stat != before.stat
