"""An output folder that may not be written to is one line, and nothing in it is lost."""

import os
import subprocess

import pytest

from .caches import cache_folder
from .uninterrupted import Uninterrupted

READ_ONLY_AT_A_MOVE = """
import os, subprocess
left = {number}
real = os.replace

def replace(*arguments, **named):
    global left
    left -= 1
    if left == 0:
        subprocess.run(["mount", "-o", "remount,ro", {disk!r}], check=True)
    return real(*arguments, **named)

os.replace = replace
"""

NOBODY = 65534
WITHOUT_PRIVILEGES = """
import ctypes
version_3, no_bits = 0x20080522, (ctypes.c_uint32 * 6)()
header = (ctypes.c_uint32 * 2)(version_3, 0)
assert ctypes.CDLL(None).capset(header, no_bits) == 0
"""
"""Root without capabilities is held to permissions, and still reads Python's own files."""


def _give_away(folder):
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)


def _remount(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


@pytest.fixture
def reference(host, cohort):
    return Uninterrupted(host, cohort)


@pytest.fixture
def others_folder(tmp_path):
    """Where a folder may be made that `_give_away` gives to another user."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    return tmp_path / "others"


def test_a_read_only_disk_is_said_before_any_scan_is_read(host, cohort, reference, small_disk):
    disk = small_disk("size=4m")
    cache = disk / "cache"
    command = ("extract", "--set", f"extract.cache={cache}")
    assert host.run(*command, "--limit", "4", folder=cohort.folder).code == 0
    kept = reference.check_kept({}, cache)
    assert len(kept) == 4
    _remount(disk, "ro")
    ended = host.run(*command, folder=cohort.folder)
    assert ended.code == 2, ended.err
    assert f"error: {cache}/ct/" in ended.error
    assert "Read-only file system" in ended.error
    assert "mend the disk or the permissions, or choose another `extract.cache`" in ended.error
    assert "0/8" not in ended.err  # the work has not begun
    assert host.run(*command, "--dry-run", folder=cohort.folder).code == 0
    _remount(disk, "rw")
    reference.check_kept(kept, cache)
    reference.check_resumed(cache)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_disk_that_becomes_read_only_on_the_way_loses_nothing(
    host, cohort, reference, small_disk, number
):
    disk = small_disk("size=4m")
    cache = disk / "cache"
    before = READ_ONLY_AT_A_MOVE.format(number=number, disk=str(disk))
    command = ("extract", "--set", f"extract.cache={cache}")
    ended = host.run(*command, folder=cohort.folder, before=before)
    assert ended.code == 2, ended.err
    assert "Read-only file system" in ended.error
    _remount(disk, "rw")
    reference.check_kept({}, cache)
    reference.check_resumed(cache)


def test_a_folder_of_another_user_is_said_before_any_scan_is_read(
    host, cohort, reference, others_folder
):
    cache = others_folder / "cache"
    command = ("extract", "--set", f"extract.cache={cache}")
    assert host.run(*command, "--limit", "2", folder=cohort.folder).code == 0
    _give_away(others_folder)
    ended = host.run(*command, folder=cohort.folder, before=WITHOUT_PRIVILEGES)
    assert ended.code == 2, ended.err
    assert "Permission denied" in ended.error
    assert "mend the disk or the permissions" in ended.error
    assert "0/10" not in ended.err
    kept = reference.check_kept({}, cache)
    assert len(kept) == 2
    reference.check_resumed(cache)


@pytest.mark.parametrize("closed", [".", "cache", "cache/ct"])
def test_a_folder_that_may_not_be_looked_into_is_said(host, cohort, others_folder, closed):
    cache = others_folder / "cache"
    command = ("extract", "--set", f"extract.cache={cache}")
    assert host.run(*command, "--limit", "1", folder=cohort.folder).code == 0
    (others_folder / closed).chmod(0o700)
    _give_away(others_folder)
    ended = host.run(*command, folder=cohort.folder, before=WITHOUT_PRIVILEGES)
    assert ended.code == 2, ended.err
    assert "Permission denied" in ended.error
    assert "mend the permissions" in ended.error


@pytest.mark.parametrize("file", ["cache", "cache/ct"])
def test_a_file_where_the_folder_should_be_is_said(host, cohort, file):
    (cohort.folder / file).parent.mkdir(exist_ok=True)
    (cohort.folder / file).write_text("no folder")
    ended = host.run("extract", folder=cohort.folder)
    assert ended.code == 2, ended.err
    assert str(cohort.folder / "cache" / "ct") in ended.error
    assert (cohort.folder / file).read_text() == "no folder"
    assert cache_folder(cohort.folder) is None
