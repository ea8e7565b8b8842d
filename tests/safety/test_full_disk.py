"""A disk that gets full ends extraction with one line; after making room the same command goes on.

The disk is a small file system in memory, so full at another moment for each size: within a shard,
`failures.csv`, `quality.parquet`, `last_extract.json` or a temporary file.
"""

import shutil
import subprocess

import pytest

from .kill_count import USUAL
from .uninterrupted import Uninterrupted

ROOM_KB = 4096
LIMITED = """
import atexit
import resource

resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, resource.RLIM_INFINITY))
unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
atexit.register(resource.setrlimit, resource.RLIMIT_FSIZE, unlimited)  # whoever measures coverage
"""


def _resize(disk, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(disk)], check=True)


@pytest.fixture
def reference(host, cohort):
    (cohort.folder / cohort.scans["case-001"]).write_bytes(b"not a scan")
    return Uninterrupted(host, cohort)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_full_disk_at_any_size_is_one_line_and_loses_nothing(host, cohort, reference, small_disk):
    disk = small_disk(f"size={ROOM_KB}k")
    cache = disk / "cache"
    command = ("extract", "--set", f"extract.cache={cache}")
    refused = []
    for size_kb in range(4, ROOM_KB, 28 if USUAL else 4):
        _resize(disk, f"size={size_kb}k")
        ended = host.run(*command, folder=cohort.folder)
        if ended.code == reference.code:
            break
        assert ended.code == 2, ended.err
        assert f"error: {cache}/ct/" in ended.error
        assert "No space left on device" in ended.error
        assert "make room there, or choose another `extract.cache`" in ended.error
        assert "run the command again" in ended.error
        kept = reference.check_kept({}, cache)
        refused.append(len(kept))
        _resize(disk, f"size={ROOM_KB}k")
        assert reference.check_kept(kept, cache) == kept
        reference.check_resumed(cache)
        shutil.rmtree(cache)
    reference.check_complete(cache)
    assert refused[0] == 0
    assert max(refused) > 0  # some were stored before the disk was full


@pytest.mark.parametrize("n_files", [3, 8, 13])
def test_a_disk_without_room_for_more_files_is_one_line_too(
    host, cohort, reference, small_disk, n_files
):
    disk = small_disk(f"size=4m,nr_inodes={n_files}")
    cache = disk / "cache"
    ended = host.run("extract", "--set", f"extract.cache={cache}", folder=cohort.folder)
    assert ended.code == 2, ended.err
    assert "make room there" in ended.error
    reference.check_kept({}, cache)
    _resize(disk, "nr_inodes=1000")
    reference.check_resumed(cache)


@pytest.mark.parametrize("limit", [1_500, 5_000, 17_000])
def test_a_limit_on_the_size_of_files_is_one_line_and_does_not_kill(host, cohort, reference, limit):
    ended = host.run("extract", folder=cohort.folder, before=LIMITED.format(limit=limit))
    assert ended.code == 2, ended.err
    assert "File too large" in ended.error
    assert "make room there" in ended.error
    reference.check_kept({})
    reference.check_resumed()
