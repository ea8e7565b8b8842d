import hashlib
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.errors import CacheError

from .conftest import WIDTH, make_rows


def test_rows_of_all_shards_come_sorted_by_case_and_source(folder):
    later, earlier = make_rows(3, 1), make_rows(2)
    folder.commit(later)
    folder.commit(earlier)
    rows = read_all_rows(folder)
    assert rows.case_ids == ("case-0001", "case-0002", "case-0003")
    wanted = [later[1], earlier[0], later[0]]
    assert rows.sources == tuple(row.source_sha256 for row in wanted)
    np.testing.assert_array_equal(rows.features, [row.feature for row in wanted])
    assert rows.versions[0]["numpy"] == np.__version__


def test_a_scan_that_was_touched_has_one_row_and_several_scans_have_each_one(folder):
    (first,) = make_rows(1)
    folder.commit([first, *make_rows(1, source="other")])
    folder.commit([replace(first, source_stat="touched")])
    rows = read_all_rows(folder)
    assert rows.case_ids == ("case-0001",) * 2
    assert len(set(rows.sources)) == 2
    assert rows.features.shape == (2, WIDTH)


def test_an_empty_folder_is_refused(folder):
    with pytest.raises(CacheError, match="holds no features yet"):
        read_all_rows(folder)


def test_the_digest_is_what_its_description_says():
    features = np.array([[1, 2], [3, 4]], np.float32)
    said = b"a\0s\0" + features[0].tobytes() + b"b\0t\0" + features[1].tobytes()
    digest = content_sha256(["a", "b"], ["s", "t"], features)
    assert digest == hashlib.sha256(said).hexdigest()
    assert digest == content_sha256(["a", "b"], ["s", "t"], np.asfortranarray(features))
    assert digest != content_sha256(["a", "b"], ["s", "s"], features)
