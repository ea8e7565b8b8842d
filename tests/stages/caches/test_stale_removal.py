"""All that was found stale goes, and nothing else."""

import subprocess
import sys

import pytest

from mmfeat.cache import CacheFolder, Failure, RunningMark
from mmfeat.cache.failures import read_failures
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.provenance import process_table
from mmfeat.stages.caches.stale import StaleFolder, StaleModality
from mmfeat.stages.caches.stale_removal import remove_stale
from mmfeat.stages.caches.stale_rows import NOT_LISTED, StaleRow

from ...cache.conftest import IDENTITY, digest_of, make_rows


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "cache", "ct", IDENTITY)
    folder.commit(make_rows(1, 2))
    when = "2025-01-01T00:00:00+00:00"
    folder.record_failures([Failure(case, "p", "r", "s", when) for case in ("gone", "stays")])
    return folder


@pytest.fixture
def other(tmp_path):
    other = CacheFolder.open(tmp_path / "cache", "ct", {**IDENTITY, "encoder": "median"})
    other.commit(make_rows(1))
    return other


@pytest.fixture
def partial(folder):
    """A half-written file of a dead process."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    path = folder.path / f".shard-a.{process.pid}@{process_table()}-0123abcd.partial.h5"
    path.write_text("half")
    return path


@pytest.fixture
def stale(folder, other, partial):
    return StaleModality(
        modality="ct",
        path=folder.path,
        folders=(StaleFolder(other.path, 1, 10, ("encoder",)),),
        rows=(StaleRow("case-0001", digest_of("1v1"), NOT_LISTED),),
        failures=(("gone", "p"),),
        partials=(partial,),
        unreadable=(),
    )


def test_rows_folders_failures_and_half_written_files_go(stale, folder, other, partial):
    assert remove_stale([stale], Silent()) == []
    assert sorted(folder.index()) == ["case-0002"]
    assert folder.verify() == []
    assert list(read_failures(folder.path)) == [("stays", "p")]
    assert not other.path.exists()
    assert not partial.exists()
    assert list(folder.path.parent.iterdir()) == [folder.path]


def test_foreign_files_stay_and_are_returned(stale, other):
    foreign = other.path / "notes.txt"
    foreign.write_text("x")
    assert remove_stale([stale], Silent()) == [foreign]
    assert list(other.path.iterdir()) == [foreign]


@pytest.mark.parametrize("busy", ["folder", "other"])
def test_nothing_goes_while_an_extraction_is_at_work_in_one_of_the_folders(stale, busy, request):
    folder, other = request.getfixturevalue("folder"), request.getfixturevalue("other")
    with (
        RunningMark(request.getfixturevalue(busy).path),
        pytest.raises(CacheError, match="`mmfeat extract` is at work here"),
    ):
        remove_stale([stale], Silent())
    assert sorted(folder.index()) == ["case-0001", "case-0002"]
    assert sorted(other.index()) == ["case-0001"]
