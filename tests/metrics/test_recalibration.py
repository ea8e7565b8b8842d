"""Calibration intercept and slope against an unpenalised logistic regression of scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from mmfeat.metrics import calibration_intercept_and_slope


@settings(deadline=None)  # scikit-learn's solver warms up
@given(st.integers(0, 1000), st.floats(0.2, 4), st.floats(-3, 3))
def test_the_fit_is_that_of_scikit_learn(seed, slope, intercept):
    generator = np.random.default_rng(seed)
    logits = generator.normal(size=120)
    labels = (generator.random(120) < expit(intercept + slope * logits)).astype(float)
    labels[:4] = 0, 1, 0, 1
    logits[:4] = 0.5, -0.5, 2.0, -2.0  # so that no threshold separates the classes
    weights = generator.integers(1, 4, 120).astype(float)
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10)
    model.fit(logits[:, None], labels, sample_weight=weights)
    found = calibration_intercept_and_slope(labels, expit(logits), weights)
    assert found == pytest.approx((model.intercept_[0], model.coef_[0, 0]), abs=2e-4)


def test_predictions_twice_too_extreme_have_a_slope_of_one_half():
    # In each of two groups the observed share is known exactly: 1/4 and 3/4.
    labels = np.tile([1, 0, 0, 0, 0, 1, 1, 1], 10)
    predicted = np.tile(np.repeat(expit(2 * logit([0.25, 0.75])), 4), 10)
    assert calibration_intercept_and_slope(labels, predicted) == pytest.approx((0.0, 0.5), abs=1e-9)


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [
        ([0, 1, 1], [0.4, 0.4, 0.4]),
        ([1, 1, 1], [0.1, 0.2, 0.3]),
        ([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.7]),
        ([], []),
    ],
)
def test_constant_one_class_and_separated_predictions_have_no_fit(labels, probabilities):
    assert np.isnan(calibration_intercept_and_slope(labels, probabilities)).all()


def test_predictions_of_exactly_zero_and_one_are_clipped():
    intercept, slope = calibration_intercept_and_slope([0, 1, 0, 1], [0.0, 0.0, 1.0, 1.0])
    assert (intercept, slope) == pytest.approx((0.0, 0.0), abs=1e-9)
