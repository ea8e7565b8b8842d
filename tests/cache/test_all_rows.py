import hashlib
from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache.all_rows import content_sha256, read_all_rows
from mmfeat.errors import CacheError

from .conftest import WIDTH, make_rows, make_token_rows


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


def test_the_tokens_of_each_scan_come_once_and_in_the_order_of_the_rows(token_folder):
    rows = make_token_rows(3, 1, 2)
    token_folder.commit(rows)
    token_folder.commit([replace(rows[0], source_stat="touched")])
    found = read_all_rows(token_folder)
    assert found.case_ids == ("case-0001", "case-0002", "case-0003")
    expected = [rows[1].tokens, rows[2].tokens, rows[0].tokens]
    assert found.tokens.counts.tolist() == [len(tokens) for tokens in expected]
    np.testing.assert_array_equal(
        np.concatenate(list(found.tokens.pieces())), np.concatenate(expected)
    )


def test_a_folder_of_vectors_has_no_tokens(folder):
    folder.commit(make_rows(1))
    assert read_all_rows(folder).tokens is None
