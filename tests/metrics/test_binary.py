"""The set of binary metrics gives for each row of weights what each function gives alone."""

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from mmfeat import metrics as m
from mmfeat.metrics.metric_set import MetricKey


@pytest.fixture
def cases():
    generator = np.random.default_rng(11)
    values = np.round(generator.random(80), 2)
    return (generator.random(80) < values).astype(float), values


def test_every_metric_of_every_resample_is_that_of_its_own_function(cases):
    labels, values = cases
    weights = np.random.default_rng(1).integers(0, 4, (6, 80)).astype(float)
    found = m.BinaryMetrics(labels, values)(weights)
    assert [key.metric for key in found] == list(m.BINARY_METRICS)
    for row, of_row in enumerate(weights):
        intercept, slope = m.calibration_intercept_and_slope(labels, values, of_row)
        expected = {
            "auroc": m.auroc(labels, values, of_row),
            "auprc": m.average_precision(labels, values, of_row),
            "brier": m.brier(labels, values, of_row),
            "log_loss": m.log_loss(labels, values, of_row),
            "ece": m.expected_calibration_error(labels, values, of_row),
            "calibration_intercept": intercept,
            "calibration_slope": slope,
            "balanced_accuracy": m.balanced_accuracy(labels, values, of_row),
        }
        curve = roc_curve(labels, values, sample_weight=of_row, drop_intermediate=False)
        for percent in (90, 95):
            reached = curve[0] <= 1 - percent / 100 + 1e-9
            expected[f"sensitivity_at_specificity_{percent}"] = curve[1][reached].max()
            reached = curve[1] >= percent / 100 - 1e-9
            expected[f"specificity_at_sensitivity_{percent}"] = 1 - curve[0][reached].min()
        assert {name: found[MetricKey(name)][row] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([], "no case with a label"),
        ([0, 0], "all 2 cases are negative"),
        ([1, 1], "all 2 cases are positive"),
    ],
)
def test_one_class_has_a_reason(labels, reason):
    metrics = m.BinaryMetrics(labels, [0.5] * len(labels))
    assert metrics.reason_undefined(MetricKey("auroc")) == reason
    assert np.isnan(metrics(np.ones((1, len(labels))))[MetricKey("auroc")][0])
