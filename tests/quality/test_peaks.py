"""Peaks of made-up tissues are where they were put."""

import numpy as np
import pytest

from mmfeat.quality.peaks import air_peak, high_peaks, soft_tissue_peak

WITHIN_HU = 5.0


def _normal(mean, deviation, size, seed=0):
    return np.random.default_rng(seed).normal(mean, deviation, size).round().astype(np.int16)


@pytest.mark.parametrize("air_hu", [-1100, -1000, -870])
def test_air_is_found_where_it_is(air_hu):
    around = np.concatenate([_normal(air_hu, 15, 20_000), _normal(100, 50, 5_000)])
    assert air_peak(around) == pytest.approx(air_hu, abs=WITHIN_HU)


@pytest.mark.parametrize("muscle_hu", [-40, 50, 150])
def test_muscle_is_found_beside_twice_as_much_fat(muscle_hu):
    body = np.concatenate([_normal(muscle_hu, 15, 10_000), _normal(muscle_hu - 150, 15, 20_000)])
    assert soft_tissue_peak(body) == pytest.approx(muscle_hu, abs=WITHIN_HU)


def test_a_little_contrast_is_no_peak():
    body = np.concatenate([_normal(50, 15, 20_000), _normal(220, 15, 1_000)])
    assert soft_tissue_peak(body) == pytest.approx(50, abs=WITHIN_HU)


def test_whole_numbers_fall_into_bins_evenly():
    assert soft_tissue_peak(np.full(1000, 40, np.int16)) == 42.0


def test_too_few_voxels_have_no_peak():
    assert air_peak(_normal(-1000, 10, 299)) is None
    assert soft_tissue_peak(_normal(50, 10, 299)) is None
    assert soft_tissue_peak(_normal(900, 10, 10_000)) is None


def test_a_flat_top_is_one_peak_and_an_end_can_be_one():
    assert high_peaks(np.array([9.0, 1, 5, 5, 1, 2])).tolist() == [0, 2]
