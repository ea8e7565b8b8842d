"""A folder is tried as a run will use it, on real disks, full and odd ones; nothing is left."""

import os
import subprocess

import pytest

from mmfeat.stages.doctor.disk import disk_findings, file_system_of, look_at_place, nearest_folder


def look(folder):
    (finding,) = disk_findings("extract.cache", folder)
    return finding


@pytest.fixture
def small_disk(tmp_path):
    """A function that mounts a file system in memory of a given size; it goes at the end."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(size):
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(place)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            pytest.skip(f"a file system cannot be mounted here ({ended.stderr.strip()})")
        return place

    yield mount
    subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


def test_a_folder_that_is_not_there_yet_is_tried_above_and_not_made(tmp_path):
    finding = look(tmp_path / "new" / "cache")
    assert finding.message.startswith(f"{tmp_path}/new/cache (")
    assert "4 MB written, replaced and read back in" in finding.message
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_stays_as_it_was(tmp_path):
    (tmp_path / "kept").write_text("x")
    assert look(tmp_path).level != "problem"
    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_a_file_where_the_folder_should_be_is_a_problem(tmp_path):
    (tmp_path / "cache").write_text("a file")
    finding = look(tmp_path / "cache" / "ct")
    assert finding.level == "problem"
    assert finding.message == f"{tmp_path}/cache: is no folder, and has to be one"
    assert "`extract.cache`" in finding.fix


def test_a_full_disk_is_a_problem(small_disk):
    disk = small_disk("1M")
    finding = look(disk / "cache")
    assert finding.level == "problem"
    assert "No space left on device" in finding.message
    assert list(disk.iterdir()) == []


def test_a_disk_in_memory_is_a_warning(small_disk):
    finding = look(small_disk("32M"))
    assert finding.level == "warning"
    assert "(tmpfs)" in finding.message
    assert "in memory only" in finding.message


def test_what_is_free_is_that_of_the_disk_itself(small_disk):
    disk = small_disk("32M")
    place = look_at_place(disk / "not" / "there")
    assert place.folder == disk
    assert place.file_system == "tmpfs"
    assert 30e6 < place.free_bytes <= 32 * 1024**2
    assert place.free_files > 0


def test_a_folder_without_permission_is_a_problem(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "cache").mkdir(mode=0o500)
    finding = look(tmp_path / "cache")
    assert finding.level == "problem"
    assert "Permission denied" in finding.message


def test_the_nearest_folder_may_be_the_root(tmp_path):
    assert str(nearest_folder(tmp_path / "a" / "b")) == str(tmp_path)
    assert str(nearest_folder(tmp_path.joinpath("/no such folder"))) == "/"


def test_the_innermost_and_last_mount_names_the_file_system(tmp_path):
    mounts = tmp_path / "mounts"
    inner = str(tmp_path / "my data").replace(" ", "\\040")
    mounts.write_text(
        f"a / ext4 rw 0 0\nb {tmp_path} nfs4 rw 0 0\nc {inner} xfs rw 0 0\n"
        f"d {inner} lustre rw 0 0\ne /elsewhere tmpfs rw 0 0\n"
    )
    assert file_system_of(tmp_path / "my data" / "x", mounts) == "lustre"
    assert file_system_of(tmp_path / "other", mounts) == "nfs4"
    assert file_system_of(tmp_path.joinpath("/usr"), mounts) == "ext4"
    assert file_system_of(tmp_path, tmp_path / "no mounts") == ""
