"""Numbers of a region: values worked out by hand, and agreement with numpy."""

import numpy as np
import pytest

from mmfeat.encoders.statistics.region_statistics import (
    PERCENTILES,
    band_shares,
    percentiles,
    shares_below,
    texture,
)


def test_percentiles_of_zero_to_a_hundred_are_themselves():
    found = percentiles(np.arange(101, dtype=np.float32))
    assert found[:-1] == pytest.approx(PERCENTILES)
    assert found[-1] == pytest.approx(np.sqrt((101**2 - 1) / 12))


def test_shares_below_are_strict():
    assert shares_below(np.array([-960, -950, -900, 0], np.float32), (-950, -900, 1)) == [
        0.25,
        0.5,
        1.0,
    ]


def test_bands_hold_every_value_from_the_first_start_on():
    values = np.array([-1024, -1, 0, 99, 100, 3000], np.float32)
    assert band_shares(values, (-1024, 0, 100)) == pytest.approx([2 / 6, 2 / 6, 2 / 6])


def test_regions_without_a_voxel_are_zeros():
    nothing = np.empty(0, np.float32)
    assert percentiles(nothing) == [0.0] * (len(PERCENTILES) + 1)
    assert shares_below(nothing, (-950, -900)) == [0.0, 0.0]
    assert band_shares(nothing, (-1024, 0)) == [0.0, 0.0]
    assert texture(np.ones((8, 8, 8), np.float32), [np.zeros((8, 8, 8), bool)]) == [0.0] * 3


def test_texture_of_noise_falls_as_running_means_of_independent_voxels_do():
    # Half of a running mean of n voxels is inside one of m > n: the variance of their difference is
    # 1/n - 1/m. Means over 1, 8, 64 and 512 voxels: 1 - 1/8, 1/8 - 1/64, 1/64 - 1/512.
    noise = np.random.default_rng(0).normal(0, 30, (64, 64, 64)).astype(np.float32)
    inside = np.zeros(noise.shape, bool)
    inside[10:-10, 10:-10, 10:-10] = True
    expected = 30 * np.sqrt([1 - 1 / 8, 1 / 8 - 1 / 64, 1 / 64 - 1 / 512])
    assert texture(noise, [inside]) == pytest.approx(expected, rel=0.06)


def test_texture_of_a_ramp_is_flat():
    ramp = np.arange(32, dtype=np.float32)[:, None, None] * np.ones((1, 32, 32), np.float32)
    inside = np.zeros(ramp.shape, bool)
    inside[10:-10] = True
    assert texture(ramp, [inside]) == pytest.approx([0.0, 0.0, 0.0], abs=1e-4)
