"""Caches in an object store: what is there counts, and each machine works with a copy."""

import numpy as np
import pytest

from mmfeat.cache import CacheFolder, Failure, FeatureRow
from mmfeat.cache.mirror import STORED_NAME, Mirror
from mmfeat.errors import CacheError, RemoteError
from mmfeat.remote_path import RemotePath

IDENTITY = {"encoder": "mean"}


@pytest.fixture
def machine(tmp_path, bucket):
    """A function that opens the cache on a machine of a given name."""

    def root_on(name):
        return Mirror(tmp_path / name, RemotePath.parse(f"{bucket.url}/features"))

    return root_on


def _row(case, value):
    return FeatureRow(case, f"{value:064d}", f"{value} bytes", np.full(3, value, np.float32))


def _stored(bucket):
    files = bucket.files.find(f"{bucket.name}/features")
    return sorted(name.rpartition("/")[2] for name in files)


def _cases(folder):
    return sorted(folder.index())


def test_a_shard_is_in_the_store_when_commit_returns(machine, bucket):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    shard = folder.commit([_row("one", 1)])
    assert _stored(bucket) == sorted(["recipe.json", shard.name])


def test_another_machine_reads_what_is_in_the_store(machine):
    CacheFolder.open(machine("a"), "ct", IDENTITY).commit([_row("one", 1)])
    assert CacheFolder.exists(machine("b"), "ct", IDENTITY)
    features, found = CacheFolder.find(machine("b"), "ct", IDENTITY).read([("one", None)])
    assert found.all()
    np.testing.assert_array_equal(features, np.ones((1, 3)))


def test_machines_add_to_one_cache_and_compaction_makes_one_file_of_it(machine, bucket):
    first = CacheFolder.open(machine("a"), "ct", IDENTITY)
    second = CacheFolder.open(machine("b"), "ct", IDENTITY)
    first.commit([_row("one", 1)])
    second.commit([_row("two", 2)])
    whole = CacheFolder.open(machine("a"), "ct", IDENTITY)
    assert _cases(whole) == ["one", "two"]
    shard = whole.compact()
    assert _stored(bucket) == sorted(["recipe.json", shard.name])
    again = CacheFolder.find(machine("b"), "ct", IDENTITY)
    assert [one.path.name for one in again.shards()] == [shard.name]
    assert _cases(again) == ["one", "two"]


def test_a_shard_that_was_written_while_others_were_compacted_stays(machine):
    first = CacheFolder.open(machine("a"), "ct", IDENTITY)
    first.commit([_row("one", 1)])
    first.commit([_row("two", 2)])
    late = CacheFolder.open(machine("b"), "ct", IDENTITY)
    late.commit([_row("three", 3)])
    first.compact()
    assert _cases(CacheFolder.find(machine("c"), "ct", IDENTITY)) == ["one", "three", "two"]


def test_what_never_reached_the_store_is_sent_when_the_cache_is_opened_again(machine, bucket):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    alone = CacheFolder.find(folder.path.parents[1], "ct", IDENTITY)
    shard = alone.commit([_row("one", 1)])  # as if the machine had gone before it was sent
    assert shard.name not in _stored(bucket)
    assert _cases(CacheFolder.find(machine("a"), "ct", IDENTITY)) == ["one"]
    CacheFolder.open(machine("a"), "ct", IDENTITY)
    assert shard.name in _stored(bucket)


def test_failures_of_two_machines_are_kept_together(machine):
    first = CacheFolder.open(machine("a"), "ct", IDENTITY)
    second = CacheFolder.open(machine("b"), "ct", IDENTITY)
    first.record_failures([Failure("one", "/1.nii", "torn", "1 ab", "2026-01-01T00:00:00")])
    second.record_failures([Failure("two", "/2.nii", "torn", "2 ab", "2026-01-01T00:00:00")])
    assert sorted(CacheFolder.find(machine("c"), "ct", IDENTITY).failures()) == [
        ("one", "/1.nii"),
        ("two", "/2.nii"),
    ]


def test_failures_that_did_not_change_are_not_sent_again(machine, bucket):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    folder.record_failures([], {("one", "/1.nii")})
    assert "failures.csv" not in _stored(bucket)


def test_a_store_that_cannot_be_reached_makes_no_case_safe(machine, bucket, monkeypatch):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    bucket.files.rm(bucket.name, recursive=True)
    with pytest.raises(RemoteError, match=r"s3://.*shard-.*no such file or folder"):
        folder.commit([_row("one", 1)])


def test_a_copy_without_its_note_is_sent_once_more_and_stays_good(machine, bucket):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    shard = folder.commit([_row("one", 1)])
    (folder.path / STORED_NAME).write_text("torn")
    again = CacheFolder.open(machine("a"), "ct", IDENTITY)
    assert _cases(again) == ["one"]
    assert _stored(bucket) == sorted(["recipe.json", shard.name])


def test_a_torn_copy_of_a_shard_is_named_like_any_other(machine):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    folder.commit([_row("one", 1)]).write_bytes(b"torn")
    with pytest.raises(CacheError, match="is torn or damaged"):
        CacheFolder.find(machine("a"), "ct", IDENTITY).index()


def test_a_cache_that_is_nowhere_is_not_there(machine, tmp_path):
    assert not CacheFolder.exists(machine("a"), "ct", IDENTITY)
    assert not (tmp_path / "a").exists()


def test_a_shard_that_went_into_another_file_before_it_was_sent_is_no_error(machine, bucket):
    folder = CacheFolder.open(machine("a"), "ct", IDENTITY)
    place = machine("a").folder("ct", folder.path.name)
    before = _stored(bucket)
    place.send("shard-merged-by-another-process.h5")
    assert _stored(bucket) == before
    with pytest.raises(RemoteError, match=r"quality\.parquet: no such file"):
        place.send("quality.parquet")
