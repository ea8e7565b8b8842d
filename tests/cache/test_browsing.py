"""Cache folders are found at whatever level somebody names."""

import pytest

from mmfeat.cache import CacheFolder
from mmfeat.cache.browsing import cache_paths, named_cache_paths, open_caches, open_one_cache
from mmfeat.errors import CacheError

from .conftest import IDENTITY, make_rows


@pytest.fixture
def other(root):
    return CacheFolder.open(root, "pet", {**IDENTITY, "encoder": "median"})


def test_a_cache_a_modality_and_one_folder_are_opened(folder, other, root):
    found = {one.path: one.identity for one in open_caches(root)}
    assert found == {folder.path: folder.identity, other.path: other.identity}
    assert [one.path for one in open_caches(root / "ct")] == [folder.path]
    assert open_one_cache(folder.path).identity == IDENTITY


def test_the_only_folder_is_wanted_and_several_are_named(folder, other, root):
    assert open_one_cache(root / "pet").path == other.path
    with pytest.raises(CacheError, match="holds 2 cache folders; name one of them") as caught:
        open_one_cache(root)
    assert str(folder.path) in str(caught.value)


def test_a_folder_whose_recipe_is_lost_is_listed_by_its_shards(folder, root):
    folder.commit(make_rows(1))
    (folder.path / "recipe.json").unlink()
    assert named_cache_paths(root) == cache_paths(folder.path) == [folder.path]


@pytest.mark.parametrize("function", [open_caches, open_one_cache, named_cache_paths])
def test_what_is_no_cache_is_refused_with_advice(tmp_path, function):
    with pytest.raises(CacheError, match=r"nowhere: no such folder; name the folder"):
        function(tmp_path / "nowhere")
    with pytest.raises(CacheError, match=r"no features in this folder; name the folder that"):
        function(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match=r"file: is a file; name the folder"):
        function(tmp_path / "file")
    assert cache_paths(tmp_path) == []
