"""The series gives the sums that adding up all cases gives."""

import numpy as np
import pytest
from scipy.special import expit

from mmfeat.metrics.recalibration import FEW_RESAMPLES, Recalibration
from mmfeat.metrics.sigmoid_series import REACH, SigmoidSeries


@pytest.mark.parametrize("start", [(0.0, 0.0), (-2.0, 1.5), (0.5, 12.0)])
def test_sums_near_the_start_are_those_of_all_cases(start):
    generator = np.random.default_rng(0)
    x = generator.uniform(-1, 1, size=40)
    weights = generator.integers(0, 3, size=(5, 40)).astype(float)
    moved = generator.uniform(-REACH / 2, REACH / 2, size=(5, 2))
    series = SigmoidSeries(x, np.array(start))
    values, slopes = series.sums(series.terms(weights @ series.columns), moved)
    for row in range(5):
        sigmoid = expit(start[0] + moved[row, 0] + (start[1] + moved[row, 1]) * x)
        of_cases = weights[row] * sigmoid
        expected = [of_cases.sum(), (of_cases * x).sum()]
        assert values[row] == pytest.approx(expected, abs=1e-9)
        curved = of_cases * (1 - sigmoid)
        expected = [(curved * x**power).sum() for power in range(3)]
        assert slopes[row] == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize(("n_cases", "spread"), [(30, 3.0), (600, 1.0), (5000, 2.0)])
def test_many_fits_at_once_are_those_made_one_by_one(n_cases, spread):
    generator = np.random.default_rng(n_cases)
    logits = spread * generator.normal(size=n_cases)
    labels = (generator.random(n_cases) < expit(0.3 + 0.7 * logits)).astype(float)
    weights = generator.multinomial(n_cases, [1 / n_cases] * n_cases, size=60).astype(float)
    fits = Recalibration(labels, expit(logits))
    one_by_one = np.concatenate([fits(weights[[row]]) for row in range(60)])
    assert len(weights) >= FEW_RESAMPLES
    np.testing.assert_allclose(fits(weights), one_by_one, atol=1e-9)


def test_at_the_fit_what_is_predicted_and_what_was_observed_agree():
    generator = np.random.default_rng(5)
    logits = generator.normal(size=700)
    labels = (generator.random(700) < expit(0.5 * logits - 0.2)).astype(float)
    weights = generator.integers(0, 3, size=(10, 700)).astype(float)
    for of_row, (intercept, slope) in zip(
        weights, Recalibration(labels, expit(logits))(weights), strict=True
    ):
        gap = of_row * (labels - expit(intercept + slope * logits))
        assert (gap.sum(), gap @ logits) == pytest.approx((0.0, 0.0), abs=1e-7)
