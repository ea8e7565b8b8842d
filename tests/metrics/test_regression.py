import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.regression import REGRESSION_METRICS, RegressionMetrics

RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.normal(50, 10, 80)
PREDICTED = TRUTH + RANDOM.normal(2, 6, 80)


def _values(truth, predicted, weights=None, folds=None):
    metrics = RegressionMetrics(truth, predicted, folds=folds)
    found = metrics(np.ones((1, len(truth))) if weights is None else np.atleast_2d(weights))
    return {name: found[MetricKey(name)][0] for name in REGRESSION_METRICS}


def test_they_are_those_of_scikit_learn_and_scipy():
    assert _values(TRUTH, PREDICTED) == pytest.approx(
        {
            "r2": r2_score(TRUTH, PREDICTED),
            "mae": mean_absolute_error(TRUTH, PREDICTED),
            "rmse": root_mean_squared_error(TRUTH, PREDICTED),
            "spearman": spearmanr(TRUTH, PREDICTED).statistic,
        }
    )


def test_a_case_of_weight_two_counts_as_two_cases():
    weights = RANDOM.integers(0, 4, 80)
    rows = np.repeat(np.arange(80), weights)
    assert _values(TRUTH, PREDICTED, weights) == pytest.approx(
        _values(TRUTH[rows], PREDICTED[rows])
    )


def test_numbers_that_do_not_vary_have_no_share_explained():
    metrics = RegressionMetrics([3.0, 3.0], [1.0, 2.0])
    found = metrics(np.ones((1, 2)))
    assert np.isnan(found[MetricKey("r2")][0])
    assert found[MetricKey("mae")][0] == 1.5
    assert metrics.reason_undefined(MetricKey("r2")) == "the number is the same in all 2 cases"
    assert "constant" in metrics.reason_undefined(MetricKey("spearman"))


def test_without_cases_everything_is_undefined():
    metrics = RegressionMetrics([], [])
    assert all(np.isnan(values).all() for values in metrics(np.ones((1, 0))).values())
    assert metrics.reason_undefined(MetricKey("mae")) == "no case with a known number"


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"expected two arrays \(cases,\)"):
        RegressionMetrics([1.0], [1.0, 2.0])
