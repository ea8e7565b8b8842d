import numpy as np
import pytest

from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.cache.placed_rows import place_all, place_wanted
from mmfeat.errors import CacheError

from .conftest import WIDTH, make_rows


def _read(placed):
    """Read what lies at the places, as any program can."""
    parts = [
        np.fromfile(f.path, "<f4", count=f.n_rows * f.width, offset=f.offset_bytes)
        for f in placed.files
    ]
    return np.concatenate(parts).reshape(-1, WIDTH)[placed.places]


def test_features_lie_where_it_is_said_in_several_shards_and_in_one(folder):
    folder.commit(make_rows(3, 1))
    folder.commit(make_rows(2, 5))
    wanted = [("case-0005", None), ("case-0001", None), ("absent", None), ("case-0003", None)]
    expected, found = folder.read(wanted)
    for n_files in (2, 1):
        placed = place_wanted(folder, wanted)
        assert len(placed.files) == n_files
        np.testing.assert_array_equal(placed.places >= 0, found)
        np.testing.assert_array_equal(_read(placed)[found], expected[found])
        folder.compact()
    assert folder.width() == WIDTH


def test_all_rows_are_those_that_are_read_whole(folder):
    folder.commit(make_rows(4, 1))
    folder.commit(make_rows(2) + make_rows(1, source="other"))
    folder.commit(make_rows(4, stat="touched"))
    whole, placed = read_all_rows(folder), place_all(folder)
    assert (placed.case_ids, placed.sources) == (whole.case_ids, whole.sources)
    np.testing.assert_array_equal(_read(placed.rows), whole.features)
    digest = content_sha256(whole.case_ids, whole.sources, whole.features)
    assert placed.content_sha256 == digest


def test_a_damaged_feature_is_refused_by_its_case(folder):
    path = folder.commit(make_rows(1, 2))
    placed = place_wanted(folder, [("case-0002", None)])
    (file,) = placed.files
    content = bytearray(path.read_bytes())
    content[file.offset_bytes + WIDTH * 4 * int(placed.places[0])] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(CacheError, match="case-0002"):
        place_wanted(folder, [("case-0002", None)])
    with pytest.raises(CacheError, match="case-0002"):
        place_all(folder)


def test_an_empty_folder_has_no_width_and_no_rows(folder):
    assert folder.width() == 0
    with pytest.raises(CacheError, match="holds no features yet"):
        place_all(folder)
