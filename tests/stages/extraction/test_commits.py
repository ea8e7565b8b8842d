"""Finished cases reach the disk in time, and whatever happens next."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.errors import CacheError
from mmfeat.stages.extraction.commits import Commits
from mmfeat.stages.extraction.plan import Job
from mmfeat.stages.extraction.reading import Scan


@pytest.fixture
def folder(tmp_path):
    return CacheFolder.open(tmp_path / "cache", "ct", {"encoder": "mean"})


@pytest.fixture
def commits(folder):
    """A function that makes commits that are due by number only, unless told otherwise."""

    def make(shard_cases=100, shard_seconds=1e6):
        return Commits(folder, shard_cases=shard_cases, shard_seconds=shard_seconds)

    return make


def _row(case_id, sha256="ab", stat="s1", quality="", value=1.0):
    return FeatureRow(case_id, sha256, stat, np.full(3, value, np.float32), quality)


def _scan(tmp_path, sha256="ab", stat="s2", quality=""):
    path = tmp_path / "scan.nii"
    return Scan(Job(path, {"a": frozenset([sha256])}), stat, sha256, quality=quality)


SCAN = Path("scan.nii")


def _n_shards(folder):
    return len(list(folder.path.glob("shard-*.h5")))


def test_nothing_is_stored_before_enough_wait_and_all_of_it_then(folder, commits):
    waiting = commits(shard_cases=3)
    waiting.add([_row("a")], SCAN)
    waiting.add([_row("b")], SCAN)
    assert folder.index() == {}
    waiting.add([_row("c")], SCAN)
    waiting.wait()
    assert set(folder.index()) == {"a", "b", "c"}
    assert _n_shards(folder) == 1


def test_cases_of_one_scan_are_stored_together(folder, commits):
    waiting = commits(shard_cases=2)
    waiting.add([_row("a"), _row("b"), _row("c")], SCAN)
    waiting.wait()
    assert _n_shards(folder) == 1
    assert len(folder.index()) == 3


def test_failures_count_as_waiting_too(folder, commits, tmp_path):
    waiting = commits(shard_cases=3)
    waiting.add([_row("a")], SCAN)
    waiting.add_failures(_scan(tmp_path), ["b", "c"], "is truncated")
    waiting.wait()
    assert set(folder.index()) == {"a"}
    path = str(tmp_path / "scan.nii")
    assert folder.failures() == {("b", path): "is truncated", ("c", path): "is truncated"}


def test_what_waits_too_long_is_stored_with_the_next_case(folder, commits):
    waiting = commits(shard_seconds=0.0)
    waiting.add([_row("a")], SCAN)
    waiting.wait()
    assert set(folder.index()) == {"a"}


def test_nothing_waiting_makes_no_shard_however_late_it_is(folder, commits):
    waiting = commits(shard_seconds=0.0)
    waiting.add([], SCAN)
    waiting.store()
    assert _n_shards(folder) == 0
    assert not (folder.path / "failures.csv").exists()


def test_the_rest_is_stored_at_the_end(folder, commits):
    with commits() as waiting:
        waiting.add([_row("a")], SCAN)
        assert _n_shards(folder) == 0
    assert set(folder.index()) == {"a"}


def test_the_rest_is_stored_when_the_work_ends_with_an_error(folder, commits, tmp_path):
    def work():
        with commits() as waiting:
            waiting.add([_row("a")], SCAN)
            waiting.add_failures(_scan(tmp_path), ["b"], "is truncated")
            raise RuntimeError("device lost")

    with pytest.raises(RuntimeError, match="device lost"):
        work()
    assert set(folder.index()) == {"a"}
    assert set(folder.failures()) == {("b", str(tmp_path / "scan.nii"))}


def test_what_was_stored_is_not_stored_again(folder, commits):
    with commits() as waiting:
        waiting.add([_row("a")], SCAN)
        waiting.store()
        waiting.store()
    assert _n_shards(folder) == 1


def test_a_case_that_succeeds_is_no_failure_any_more(folder, commits, tmp_path):
    with commits() as waiting:
        waiting.add_failures(_scan(tmp_path), ["a", "b"], "is truncated")
    with commits() as waiting:
        waiting.add([_row("a")], tmp_path / "scan.nii")
    assert set(folder.failures()) == {("b", str(tmp_path / "scan.nii"))}


def test_a_failure_keeps_where_and_when_it_was_and_what_was_measured(folder, commits, tmp_path):
    with commits() as waiting:
        scan = _scan(tmp_path, stat="s7", quality='{"n_slices":2}')
        waiting.add_failures(scan, ["a"], "rejected: too few slices")
    (failure,) = folder.failed_scans().values()
    assert failure.path == str(tmp_path / "scan.nii")
    assert (failure.source_stat, failure.quality) == ("s7", '{"n_slices":2}')
    assert failure.when.endswith("+00:00")


def test_a_touched_file_has_its_feature_and_quality_under_the_new_stat(folder, commits, tmp_path):
    folder.commit([_row("a", quality='{"n_slices":20}', value=5.0)])
    with commits() as waiting:
        waiting.add_touched(_scan(tmp_path, stat="s2"), ["a"])
    rows = {row.source_stat: row for row in folder.index()["a"]}
    assert rows.keys() == {"s1", "s2"}
    assert rows["s2"].quality == '{"n_slices":20}'
    features, found = folder.read([("a", "ab")])
    assert found.all()
    np.testing.assert_array_equal(features, [[5, 5, 5]])


def test_a_touched_file_whose_feature_was_deleted_meanwhile_is_left_to_the_next_run(
    folder, commits, tmp_path
):
    deleted = folder.commit([_row("a")])
    folder.commit([_row("b")])
    with commits() as waiting:
        waiting.add_touched(_scan(tmp_path), ["a"])
        deleted.unlink()
    assert set(folder.index()) == {"b"}  # and no zeros for `a`


def test_time_and_bytes_of_storing_are_counted(commits, folder):
    with commits() as waiting:
        assert waiting.costs.seconds == {}
        waiting.add([_row("a")], SCAN)
        waiting.store()
        first_s = waiting.costs.seconds["write"]
        assert first_s > 0
        waiting.add([_row("b")], SCAN)
    assert waiting.costs.seconds["write"] > first_s
    sizes = [shard.stat().st_size for shard in folder.path.glob("shard-*.h5")]
    assert waiting.costs.bytes["write"] == sum(sizes)


def test_what_could_not_be_stored_is_kept_and_stored_once_there_is_room(folder, commits):
    moved = folder.path.with_name("moved")
    with commits(shard_cases=1) as waiting:
        folder.path.rename(moved)
        folder.path.write_text("a file in the place of the folder")
        waiting.add([_row("a")], SCAN)
        with pytest.raises(CacheError, match="cannot be written to"):
            waiting.add([_row("b")], SCAN)
        folder.path.unlink()
        moved.rename(folder.path)
    assert set(folder.index()) == {"a", "b"}


def test_work_goes_on_while_a_lot_is_stored(folder, commits):
    release = threading.Event()

    class Slow(CacheFolder):
        def commit(self, rows):
            assert release.wait(10)
            return super().commit(rows)

    slow = Slow(folder.path, folder.identity)
    with Commits(slow, shard_cases=1, shard_seconds=1e6) as waiting:
        waiting.add([_row("a")], SCAN)  # would wait for ever if it stored by itself
        assert folder.index() == {}
        release.set()
    assert set(folder.index()) == {"a"}


def test_a_touched_scan_keeps_its_tokens_and_its_vector(tmp_path):
    folder = CacheFolder.open(
        tmp_path / "cache", "ct", {"encoder": "mean", "tokens": {"max_tokens": 4}}
    )
    tokens = {
        "a": np.arange(6, dtype=np.float32).reshape(3, 2),
        "b": np.ones((1, 2), np.float32),
    }
    folder.commit([replace(_row(case), tokens=array) for case, array in tokens.items()])
    with Commits(folder, shard_cases=100, shard_seconds=1e6) as waiting:
        waiting.add_touched(_scan(tmp_path), ["b", "a"])
    for case_id, array in tokens.items():
        assert {row.source_stat for row in folder.index()[case_id]} == {"s1", "s2"}
        np.testing.assert_array_equal(folder.read_tokens([(case_id, "ab")]).tokens, array)
    assert folder.verify() == []
