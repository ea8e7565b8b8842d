"""mmfeat's own files are told from foreign ones."""

import pytest

from mmfeat.cache import Failure
from mmfeat.cache.folder_files import folder_bytes, is_ours

from .conftest import make_rows


def test_all_that_a_cache_writes_is_its_own(folder):
    folder.commit(make_rows(1))
    folder.record_failures([Failure("a", "p", "r", "s", "w")])
    folder.record_run({})
    files = list(folder.path.iterdir())
    assert len(files) == 6
    assert all(map(is_ours, files))
    assert folder_bytes(folder.path) == sum(file.stat().st_size for file in files)


@pytest.mark.parametrize("name", ["notes.txt", "shard.h5", "other-shard-1.h5", "recipe.json.bak"])
def test_other_files_are_foreign(folder, name):
    assert not is_ours(folder.path / name)
