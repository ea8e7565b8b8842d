"""Differences of features are those worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cosine

from mmfeat.cache.feature_differences import feature_differences


def _rows(*rows):
    return np.array(rows, np.float32)


def test_equal_features_differ_in_nothing():
    found = feature_differences(_rows([1, -2], [0, 0]), _rows([1, -2], [0, 0]))
    assert found.bit_equal.all()
    assert found.largest.tolist() == found.relative.tolist() == [0, 0]
    np.testing.assert_allclose(found.cosine, 1)


def test_a_difference_is_measured_against_the_largest_value_of_both():
    found = feature_differences(_rows([1, 2], [0, 0]), _rows([1, -8], [0, 3]))
    assert found.largest.tolist() == [10, 3]
    assert found.relative.tolist() == [10 / 8, 1]
    np.testing.assert_allclose(found.cosine, [(1 - 16) / np.sqrt(5 * 65), 0])
    assert not found.bit_equal.any()


def test_the_sign_of_zero_is_another_bit_but_no_difference():
    found = feature_differences(_rows([0.0, 1]), _rows([-0.0, 1]))
    assert found.bit_equal.tolist() == [False]
    assert found.relative.tolist() == [0]


def test_many_rows_are_compared_in_their_order():
    left = np.random.default_rng(0).random((5000, 3), np.float32)
    right = left.copy()
    right[[1, 4500], 0] += 1
    found = feature_differences(left, right)
    assert np.flatnonzero(~found.bit_equal).tolist() == [1, 4500]
    assert np.flatnonzero(found.relative > 0.1).tolist() == [1, 4500]


def test_no_pairs_give_no_differences():
    found = feature_differences(np.empty((0, 3), np.float32), np.empty((0, 3), np.float32))
    assert len(found.relative) == len(found.cosine) == len(found.bit_equal) == 0


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=2, max_size=6), st.floats(0.5, 2))
def test_the_cosine_is_that_of_scipy(values, factor):
    left = _rows(values)
    right = left * np.float32(factor) + _rows(range(1, len(values) + 1))
    if np.linalg.norm(left) < 1e-3 or np.linalg.norm(right) < 1e-3:
        left, right = left + 1, right + 1
    found = feature_differences(left, right)
    expected = 1 - cosine(left[0].astype(float), right[0].astype(float))
    assert found.cosine[0] == pytest.approx(expected, abs=1e-6)
