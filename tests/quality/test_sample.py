"""The sample is spread evenly, and answers as numpy does of all values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mmfeat.quality.sample import PERCENTILES, SortedSample, thinned

VALUES = arrays(
    np.int16, array_shapes(min_dims=3, max_dims=3, max_side=6), elements=st.integers(-9, 9)
)


@pytest.mark.parametrize(
    ("shape", "spacing_mm", "expected"),
    [
        ((10, 20, 30), (1.0, 1.0, 1.0), (10, 20, 30)),
        ((560, 512, 512), (0.7, 0.7, 0.7), (70, 128, 128)),
        ((60, 512, 512), (5.0, 0.7, 0.7), (60, 128, 128)),
        ((2, 2000, 2000), (1.0, 0.5, 0.5), (2, 500, 1000)),
    ],
)
def test_voxels_are_left_out_where_they_are_closest(shape, spacing_mm, expected):
    hu = np.broadcast_to(np.int16(0), shape)
    assert thinned(hu, spacing_mm).shape == expected


def test_a_small_volume_is_its_own_sample():
    hu = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    np.testing.assert_array_equal(thinned(hu, (1.0, 1.0, 1.0)), hu)


@settings(deadline=None)
@given(VALUES)
def test_answers_are_those_of_numpy(values):
    before = values.copy()
    sample = SortedSample(values)
    assert sample.n_levels == len(np.unique(values))
    assert sample.share_at(3.0) == pytest.approx((values == 3).mean())
    expected = np.percentile(values, PERCENTILES, method="nearest")
    assert list(sample.percentiles.values()) == expected.tolist()
    edges = np.array([-10.0, -2.5, 0.0, 10.0])
    assert sample.counts(edges).tolist() == np.histogram(values, edges)[0].tolist()
    np.testing.assert_array_equal(values, before)


def test_percentiles_go_by_their_number():
    names = list(SortedSample(np.zeros((2, 2, 2), np.float32)).percentiles)
    assert names == ["0.1", "1", "25", "50", "75", "99", "99.9"]
