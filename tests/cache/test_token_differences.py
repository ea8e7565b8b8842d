"""The tokens of the same scan are compared as one long vector, and read only where they differ."""

from dataclasses import replace

import numpy as np
import pytest

from mmfeat.cache import CacheFolder
from mmfeat.cache.token_differences import token_differences

from .conftest import TOKEN_IDENTITY, make_rows, make_token_rows


@pytest.fixture
def other(tmp_path):
    return CacheFolder.open(tmp_path / "other", "ct", TOKEN_IDENTITY)


def _pairs(folder, other):
    (left,), (right,) = folder.shards(), other.shards()
    return [((left, row), (right, row)) for row in range(len(left.keys))]


def test_equal_tokens_are_equal_without_being_read(token_folder, other):
    for folder in (token_folder, other):
        folder.commit(make_token_rows(1, 2))
    pairs = _pairs(token_folder, other)
    for folder in (token_folder, other):
        folder.shards()[0].path.unlink()
    found = token_differences(pairs)
    assert found.bit_equal.tolist() == [True, True]
    assert (found.largest.tolist(), found.cosine.tolist()) == ([0, 0], [1, 1])


def test_differences_are_those_of_one_long_vector(token_folder, other):
    (row,) = make_token_rows(2)
    moved = row.tokens.copy()
    moved[1, 2] += np.float32(0.25)
    token_folder.commit([row])
    other.commit([replace(row, tokens=moved)])
    found = token_differences(_pairs(token_folder, other))
    assert found.bit_equal.tolist() == [False]
    assert found.largest[0] == pytest.approx(0.25)
    largest = max(row.tokens.max(), moved.max())
    assert found.relative[0] == pytest.approx(0.25 / largest)
    one, two = row.tokens.ravel().astype(float), moved.ravel().astype(float)
    assert found.cosine[0] == pytest.approx(one @ two / np.linalg.norm(one) / np.linalg.norm(two))


def test_another_number_of_tokens_is_as_far_apart_as_can_be(token_folder, other):
    (row,) = make_token_rows(2)
    token_folder.commit([row])
    other.commit([replace(row, tokens=row.tokens[:1])])
    found = token_differences(_pairs(token_folder, other))
    assert (found.bit_equal.tolist(), found.relative.tolist()) == ([False], [2.0])


def test_vectors_alone_leave_nothing_to_compare(folder, tmp_path):
    other = CacheFolder.open(tmp_path / "other", "ct", {"encoder": "mean"})
    for one in (folder, other):
        one.commit(make_rows(1))
    assert len(token_differences(_pairs(folder, other)).relative) == 0
