import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mmfeat.fusion.linear_models.hazard_regression import HazardFitter


def _cases(n_cases, width, n_intervals=3, seed=0):
    random = np.random.default_rng(seed)
    features = random.normal(size=(n_cases, width))
    labels = np.full((n_cases, n_intervals), np.nan)
    chances = 1 / (1 + np.exp(1.5 - features[:, 0]))
    for row in range(n_cases):
        followed = random.integers(1, n_intervals + 1)
        for interval in range(followed):
            labels[row, interval] = float(random.random() < chances[row])
            if labels[row, interval]:
                break
    return features, labels


@pytest.mark.parametrize("width", [4, 90])
@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_it_is_logistic_regression_on_a_row_for_each_case_and_interval_at_risk(
    monkeypatch, width, penalty
):
    monkeypatch.setattr("mmfeat.fusion.linear_models.hazard_regression._INTERCEPT_PENALTY", 0.0)
    features, labels = _cases(60, width)
    case, interval = np.nonzero(~np.isnan(labels))
    # Columns of the intervals so large that the penalty does not reach their coefficients.
    rows = np.hstack([features[case], 1e3 * np.eye(3)[interval]])
    reference = LogisticRegression(C=penalty, fit_intercept=False, solver="newton-cholesky")
    reference.set_params(tol=1e-10, max_iter=1000).fit(rows, labels[case, interval])
    expected = features @ reference.coef_[0, :width]
    found = HazardFitter(features, labels).fit(penalty)
    logits = expected[:, None] + 1e3 * reference.coef_[0, width:]
    np.testing.assert_allclose(found.logits(features), logits, atol=3e-3)


def test_an_interval_without_events_has_a_small_hazard_and_not_none():
    features, labels = _cases(60, 3)
    labels[:, 2] = np.where(np.isnan(labels[:, 2]), np.nan, 0.0)
    intercept = HazardFitter(features, labels).fit(1.0).intercepts[2]
    assert -7 < intercept < -3


def test_a_path_over_penalties_ends_where_a_fresh_fit_does():
    features, labels = _cases(80, 5)
    fitter = HazardFitter(features, labels)
    for penalty in (1e-4, 1e-2, 1.0):
        model = fitter.fit(penalty)
    fresh = HazardFitter(features, labels).fit(1.0)
    np.testing.assert_allclose(model.logits(features), fresh.logits(features), atol=1e-3)


def test_where_curvature_would_take_long_the_model_is_the_same(monkeypatch):
    features, labels = _cases(80, 5)
    expected = HazardFitter(features, labels).fit(0.3).logits(features)
    monkeypatch.setattr("mmfeat.fusion.linear_models.hazard_regression.LARGEST_CURVATURE_FLOP", 0.0)
    found = HazardFitter(features, labels).fit(0.3).logits(features)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert not np.array_equal(found, expected)
