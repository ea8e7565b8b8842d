"""Every pooling, by hand and whatever the order of windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmfeat.encoders.slices.pooling import POOLINGS

FEATURES = np.array([[1, 0], [3, 2], [8, 4]], np.float32)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mean", [4, 2]),
        ("max", [8, 4]),
        ("median", [3, 2]),
        ("mean+max", [4, 2, 8, 4]),
        ("mean+std", [4, 2, (26 / 3) ** 0.5, (8 / 3) ** 0.5]),
    ],
)
def test_three_windows_by_hand(name, expected):
    np.testing.assert_allclose(POOLINGS[name].pool(FEATURES), expected, rtol=1e-6)


def test_there_is_a_value_by_hand_for_every_pooling():
    assert set(POOLINGS) == {"mean", "max", "median", "mean+max", "mean+std"}


@pytest.mark.parametrize("name", POOLINGS)
@given(
    features=arrays(
        np.float32,
        st.tuples(st.integers(1, 6), st.integers(1, 4)),
        elements=st.floats(-100, 100, width=32),
    ),
    seed=st.integers(0, 99),
)
def test_the_order_of_windows_changes_nothing_and_the_size_is_as_stated(name, features, seed):
    pooling = POOLINGS[name]
    pooled = pooling.pool(features)
    assert pooled.dtype == np.float32
    assert pooled.shape == (features.shape[1] * pooling.values_per_feature,)
    shuffled = np.random.default_rng(seed).permutation(features)
    np.testing.assert_allclose(pooling.pool(shuffled), pooled, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", POOLINGS)
def test_one_window_is_its_own_mean_maximum_and_median_and_varies_by_nothing(name):
    pooled = POOLINGS[name].pool(FEATURES[:1])
    np.testing.assert_array_equal(pooled[:2], FEATURES[0])
    if name == "mean+std":
        np.testing.assert_array_equal(pooled[2:], 0)
