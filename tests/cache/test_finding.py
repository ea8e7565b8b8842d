"""Cache folders are found wherever one looks from, with the cases that they hold."""

import pytest

from mmfeat.cache import CacheFolder, find_cache_folders, stored_cases
from mmfeat.errors import CacheError

from .conftest import IDENTITY, make_rows


@pytest.mark.parametrize("above", [0, 1, 2])
def test_a_folder_is_found_from_itself_its_modality_and_its_cache(folder, above):
    path = [folder.path, *folder.path.parents][above]
    (found,) = find_cache_folders(path)
    assert (found.path, found.identity) == (folder.path, IDENTITY)


def test_all_folders_are_found_and_nothing_else(folder, root, tmp_path):
    CacheFolder.open(root, "pet", IDENTITY)
    CacheFolder.open(root, "ct", IDENTITY | {"encoder": "other"})
    (root / "ct" / "notes").mkdir()
    assert len(find_cache_folders(root)) == 3
    assert len(find_cache_folders(root / "ct")) == 2
    assert find_cache_folders(tmp_path / "elsewhere") == []


def test_the_stored_cases_are_those_of_all_shards(folder):
    assert stored_cases(folder) == set()
    folder.commit(make_rows(1, 2))
    folder.commit(make_rows(2, 3))
    assert stored_cases(folder) == {"case-0001", "case-0002", "case-0003"}
    (folder.path / "shard-torn.h5").write_bytes(b"torn")
    with pytest.raises(CacheError, match=r"shard-torn\.h5: is torn or damaged"):
        stored_cases(folder)
