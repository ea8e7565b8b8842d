"""Noise that is known is found, whatever anatomy lies around it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfeat.quality.noise import noise_hu

SPACING_MM = (5.0, 1.0, 1.0)


def _anatomy(shape=(12, 120, 120)):
    """Muscle with round organs, bones and lung-like holes, in air; no noise."""
    generator = np.random.default_rng(1)
    hu = np.full(shape, -1000.0)
    hu[:, 10:-10, 10:-10] = 50
    rows, columns = np.ogrid[: shape[1], : shape[2]]
    for value, radius in ((110, 14), (110, 9), (-100, 8), (-850, 12), (700, 5)) * 2:
        row, column = generator.integers(25, 95, 2)
        hu[:, (rows - row) ** 2 + (columns - column) ** 2 < radius**2] = value
    return hu


@settings(deadline=None, max_examples=20)
@given(sigma=st.floats(3, 60), seed=st.integers(0, 1000))
def test_normal_noise_is_found_within_ten_per_cent(sigma, seed):
    hu = _anatomy() + np.random.default_rng(seed).normal(0, sigma, (12, 120, 120))
    assert noise_hu(hu.astype(np.float32), SPACING_MM) == pytest.approx(sigma, rel=0.1)


def test_whole_numbers_make_no_difference():
    hu = (_anatomy() + np.random.default_rng(0).normal(0, 20, (12, 120, 120))).round()
    assert noise_hu(hu.astype(np.int16), SPACING_MM) == pytest.approx(20, rel=0.1)


def test_coarse_voxels_are_taken_four_at_a_time():
    hu = _anatomy() + np.random.default_rng(0).normal(0, 15, (12, 120, 120))
    assert noise_hu(hu.astype(np.float32), (5.0, 3.0, 3.0)) == pytest.approx(15, rel=0.1)


def test_edges_alone_do_not_hide_quiet_tissue():
    """Of a hollow phantom, most squares with the mean of tissue are half wall and half air."""
    hu = np.full((6, 160, 160), -1000.0, np.float32)
    hu[:, ::4] = 1100
    hu[:, 60:100, 20:140] = 50
    hu += np.random.default_rng(0).normal(0, 4, hu.shape).astype(np.float32)
    assert noise_hu(hu, SPACING_MM) == pytest.approx(4, rel=0.15)


def test_without_noise_it_is_nothing():
    assert noise_hu(np.full((3, 60, 60), 50, np.int16), SPACING_MM) == 0.0


@pytest.mark.parametrize("hu", [-1000, 500])
def test_without_soft_tissue_it_cannot_be_told(hu):
    assert noise_hu(np.full((3, 60, 60), hu, np.int16), SPACING_MM) is None
    assert noise_hu(np.full((2, 3, 3), 50, np.int16), SPACING_MM) is None
