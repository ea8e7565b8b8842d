"""Weights as bytes: the same sums, whichever way they are made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfeat.metrics import BinaryMetrics
from mmfeat.metrics.whole_weights import compact, cumulated_sums


@given(arrays(np.float64, (2, 7), elements=st.integers(0, 300)))
def test_whole_numbers_up_to_255_are_bytes_and_stay_what_they_are(weights):
    found = compact(weights)
    assert (found.dtype == np.uint8) == (weights.max() <= 255)
    np.testing.assert_array_equal(found, weights)
    assert compact(found) is found


def test_a_single_share_leaves_all_weights_as_they_are():
    weights = np.array([[1.0, 0.5, 3.0]])
    assert compact(weights) is weights


def test_sums_of_bytes_go_beyond_a_byte():
    sums = cumulated_sums(np.full((1, 1000), 255, dtype=np.uint8))
    assert sums[0, [0, 1, 1000]].tolist() == [0, 255, 255_000]


def test_metrics_do_not_depend_on_how_weights_are_held():
    generator = np.random.default_rng(0)
    values = np.round(generator.random(150), 2)
    labels = (generator.random(150) < values).astype(float)
    weights = generator.integers(0, 4, size=(9, 150)).astype(float)
    metrics = BinaryMetrics(labels, values, folds=np.arange(150) % 3)
    halves = metrics(weights / 2)  # shares: all sums are of float64
    for key, whole in metrics(weights).items():
        assert halves[key] == pytest.approx(whole, abs=1e-10), key
