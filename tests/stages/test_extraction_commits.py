"""Finished cases reach the disk in time, and whatever happens next."""

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, FeatureRow
from mmfeat.stages.extraction_commits import Commits
from mmfeat.stages.extraction_plan import Job
from mmfeat.stages.extraction_reading import Scan


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


def _n_shards(folder):
    return len(list(folder.path.glob("shard-*.h5")))


def test_nothing_is_stored_before_enough_wait_and_all_of_it_then(folder, commits):
    waiting = commits(shard_cases=3)
    waiting.add([_row("a")])
    waiting.add([_row("b")])
    assert folder.index() == {}
    waiting.add([_row("c")])
    assert set(folder.index()) == {"a", "b", "c"}
    assert _n_shards(folder) == 1


def test_cases_of_one_scan_are_stored_together(folder, commits):
    commits(shard_cases=2).add([_row("a"), _row("b"), _row("c")])
    assert _n_shards(folder) == 1
    assert len(folder.index()) == 3


def test_failures_count_as_waiting_too(folder, commits, tmp_path):
    waiting = commits(shard_cases=3)
    waiting.add([_row("a")])
    waiting.add_failures(_scan(tmp_path), ["b", "c"], "is truncated")
    assert set(folder.index()) == {"a"}
    assert folder.failures() == {"b": "is truncated", "c": "is truncated"}


def test_what_waits_too_long_is_stored_with_the_next_case(folder, commits):
    waiting = commits(shard_seconds=0.0)
    waiting.add([_row("a")])
    assert set(folder.index()) == {"a"}


def test_nothing_waiting_makes_no_shard_however_late_it_is(folder, commits):
    waiting = commits(shard_seconds=0.0)
    waiting.add([])
    waiting.store()
    assert _n_shards(folder) == 0
    assert not (folder.path / "failures.csv").exists()


def test_the_rest_is_stored_at_the_end(folder, commits):
    with commits() as waiting:
        waiting.add([_row("a")])
        assert _n_shards(folder) == 0
    assert set(folder.index()) == {"a"}


def test_the_rest_is_stored_when_the_work_ends_with_an_error(folder, commits, tmp_path):
    def work():
        with commits() as waiting:
            waiting.add([_row("a")])
            waiting.add_failures(_scan(tmp_path), ["b"], "is truncated")
            raise RuntimeError("device lost")

    with pytest.raises(RuntimeError, match="device lost"):
        work()
    assert set(folder.index()) == {"a"}
    assert set(folder.failures()) == {"b"}


def test_what_was_stored_is_not_stored_again(folder, commits):
    with commits() as waiting:
        waiting.add([_row("a")])
        waiting.store()
        waiting.store()
    assert _n_shards(folder) == 1


def test_a_case_that_succeeds_is_no_failure_any_more(folder, commits, tmp_path):
    with commits() as waiting:
        waiting.add_failures(_scan(tmp_path), ["a", "b"], "is truncated")
    with commits() as waiting:
        waiting.add([_row("a")])
    assert set(folder.failures()) == {"b"}


def test_a_failure_keeps_where_and_when_it_was_and_what_was_measured(folder, commits, tmp_path):
    with commits() as waiting:
        scan = _scan(tmp_path, stat="s7", quality='{"n_slices":2}')
        waiting.add_failures(scan, ["a"], "rejected: too few slices")
    failure = folder.failed_cases()["a"]
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
    features, found = folder.read({"a": "ab"})
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


def test_time_spent_on_storing_is_counted(commits):
    waiting = commits()
    assert waiting.elapsed_s == 0.0
    waiting.add([_row("a")])
    waiting.store()
    first = waiting.elapsed_s
    assert first > 0
    waiting.add([_row("b")])
    waiting.store()
    assert waiting.elapsed_s > first
