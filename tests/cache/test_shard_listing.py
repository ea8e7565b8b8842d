"""A listing of shards is complete, also when shards come and go meanwhile."""

from mmfeat.cache.shard_listing import read_shards, shard_paths
from mmfeat.provenance import canonical_json

from .conftest import IDENTITY, make_rows

RECIPE = canonical_json(IDENTITY)


def test_finished_shards_are_listed_and_nothing_else(folder):
    paths = sorted(folder.commit(make_rows(number)) for number in (1, 2))
    (folder.path / ".shard-a.1@host-0123abcd.partial.h5").write_text("half")
    assert shard_paths(folder.path) == paths
    assert [shard.path for shard in read_shards(folder.path, RECIPE)] == paths


def test_a_folder_that_is_not_there_has_none(tmp_path):
    assert read_shards(tmp_path / "nowhere", RECIPE) == []


def test_a_shard_that_has_gone_since_the_listing_is_left_out(folder):
    (folder.path / "shard-gone.h5").symlink_to(folder.path / "nowhere")
    path = folder.commit(make_rows(1))
    assert [shard.path for shard in read_shards(folder.path, RECIPE)] == [path]
