"""All folders of a cache become one shard each; a dry run only counts."""

import json

import pytest

from mmfeat.cache import CacheFolder
from mmfeat.errors import CacheError
from mmfeat.progress import Silent
from mmfeat.stages.caches.compact import compact_caches

from ...cache.conftest import IDENTITY, make_rows


@pytest.fixture
def folder(tmp_path):
    folder = CacheFolder.open(tmp_path / "cache", "ct", IDENTITY)
    for number in range(3):
        folder.commit(make_rows(number))
    return folder


def test_shards_and_bytes_are_counted_before_and_after(folder, tmp_path):
    before = sum(path.stat().st_size for path in folder.path.glob("*.h5"))
    (told,) = compact_caches(tmp_path / "cache", dry_run=False, progress=Silent())
    (shard,) = folder.path.glob("*.h5")
    assert (told.n_shards_before, told.n_bytes_before) == (3, before)
    assert (told.n_shards_after, told.n_bytes_after) == (1, shard.stat().st_size)
    assert len(folder.index()) == 3
    assert json.loads(json.dumps(told.to_json()))["path"] == str(folder.path)


def test_a_dry_run_changes_nothing(folder, tmp_path):
    before = sorted(folder.path.iterdir())
    (told,) = compact_caches(tmp_path / "cache", dry_run=True, progress=Silent())
    assert (told.n_shards_before, told.n_shards_after, told.n_bytes_after) == (3, 1, None)
    assert sorted(folder.path.iterdir()) == before


def test_an_empty_folder_stays_empty(tmp_path):
    CacheFolder.open(tmp_path / "empty", "ct", IDENTITY)
    for dry_run in (True, False):
        (told,) = compact_caches(tmp_path / "empty", dry_run=dry_run, progress=Silent())
        assert (told.n_shards_before, told.n_shards_after) == (0, 0)


def test_a_torn_shard_is_refused_and_nothing_removed(folder, tmp_path):
    (torn, *_) = folder.path.glob("*.h5")
    torn.write_bytes(b"torn")
    with pytest.raises(CacheError, match=f"{torn.name}: is torn or damaged"):
        compact_caches(tmp_path / "cache", dry_run=False, progress=Silent())
    assert len(list(folder.path.glob("*.h5"))) == 3
