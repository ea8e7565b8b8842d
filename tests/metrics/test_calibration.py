"""Calibration error in bins of equal mass."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from mmfeat.metrics import expected_calibration_error, reliability_bins

TABLE = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 10), st.integers(1, 3)), min_size=1, max_size=40
)


def _columns(rows):
    labels, tenths, weights = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return labels, tenths / 10, weights


def test_two_bins_by_hand():
    # Low bin: mean prediction .2, observed .5 (gap .3); high bin: .7 and .5 (gap .2); equal mass.
    assert expected_calibration_error([0, 1, 0, 1], [0.1, 0.3, 0.6, 0.8], bins=2) == pytest.approx(
        0.25
    )


def test_without_ties_it_is_that_of_scikit_learns_quantile_bins():
    generator = np.random.default_rng(5)
    values = generator.random(200)
    labels = (generator.random(200) < values**2).astype(float)
    observed, predicted = calibration_curve(labels, values, n_bins=10, strategy="quantile")
    assert expected_calibration_error(labels, values) == pytest.approx(
        np.abs(observed - predicted).mean()
    )
    bins = reliability_bins(labels, values)
    assert [one.n for one in bins] == [20] * 10
    np.testing.assert_allclose([one.observed for one in bins], observed)
    np.testing.assert_allclose([one.predicted for one in bins], predicted)


@given(TABLE, st.integers(2, 12))
def test_it_is_the_gap_of_the_bins_weighted_by_their_size(rows, n_bins):
    labels, values, _ = _columns(rows)
    bins = reliability_bins(labels, values, bins=n_bins)
    assert sum(one.n for one in bins) == len(labels)
    assert sum(one.n_positive for one in bins) == labels.sum()
    by_bins = sum(one.n * abs(one.observed - one.predicted) for one in bins) / len(labels)
    assert expected_calibration_error(labels, values, bins=n_bins) == pytest.approx(by_bins)


@given(TABLE, st.randoms(use_true_random=False))
def test_weights_are_copies_and_the_order_does_not_matter(rows, random):
    labels, values, weights = _columns(rows)
    copies = np.repeat(np.arange(len(labels)), weights.astype(int))
    random.shuffle(copies)
    assert expected_calibration_error(labels, values, weights) == pytest.approx(
        expected_calibration_error(labels[copies], values[copies])
    )


def test_equal_predictions_stay_in_one_bin():
    (only,) = reliability_bins([0, 1, 1, 1], [0.5] * 4, bins=10)
    assert (only.n, only.observed, only.predicted) == (4, 0.75, 0.5)


def test_no_cases_are_undefined():
    assert np.isnan(expected_calibration_error([], []))
    assert reliability_bins([], []) == ()


def test_many_cases_have_the_error_of_few_by_the_bins_gaps():
    generator = np.random.default_rng(1)
    values = generator.random(6000)
    labels = (generator.random(6000) < values**1.3).astype(float)
    bins = reliability_bins(labels, values)
    by_bins = sum(one.n * abs(one.observed - one.predicted) for one in bins) / 6000
    assert expected_calibration_error(labels, values) == pytest.approx(by_bins, abs=1e-12)
    _, predicted = calibration_curve(labels, values, n_bins=10, strategy="quantile")
    np.testing.assert_allclose([one.predicted for one in bins], predicted, atol=1e-12)
