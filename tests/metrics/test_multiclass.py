"""Multiclass metrics against scikit-learn, and with a class that no case has."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mmfeat.metrics import MulticlassMetrics, expected_calibration_error
from mmfeat.metrics.metric_set import MetricKey


@pytest.fixture
def cases():
    generator = np.random.default_rng(7)
    values = generator.dirichlet(np.ones(3), 90)
    labels = np.array([generator.choice(3, p=row) for row in values])
    return labels, values


def test_all_agree_with_scikit_learn_for_any_weights(cases):
    labels, values = cases
    weights = np.random.default_rng(1).integers(0, 3, (4, 90)).astype(float)
    found = MulticlassMetrics(labels, values, classes=["I", "II", "III"])(weights)
    for row, of_row in enumerate(weights):
        member = np.eye(3)[labels]
        aurocs = [
            sk.roc_auc_score(member[:, k], values[:, k], sample_weight=of_row) for k in range(3)
        ]
        expected = {
            MetricKey("auroc"): np.mean(aurocs),
            MetricKey("auroc", "II"): aurocs[1],
            MetricKey("auprc"): np.mean(
                [
                    sk.average_precision_score(member[:, k], values[:, k], sample_weight=of_row)
                    for k in range(3)
                ]
            ),
            MetricKey("brier"): sk.brier_score_loss(
                labels, values, sample_weight=of_row, scale_by_half=False
            ),
            MetricKey("log_loss"): sk.log_loss(labels, values, sample_weight=of_row),
            MetricKey("balanced_accuracy"): sk.balanced_accuracy_score(
                labels, values.argmax(axis=1), sample_weight=of_row
            ),
            MetricKey("ece"): expected_calibration_error(
                values.argmax(axis=1) == labels, values.max(axis=1), of_row
            ),
        }
        assert {key: found[key][row] for key in expected} == pytest.approx(expected)


def test_the_macro_auroc_is_scikit_learns_one_against_the_rest(cases):
    labels, values = cases
    found = MulticlassMetrics(labels, values, classes=["a", "b", "c"])(np.ones((1, 90)))
    expected = sk.roc_auc_score(labels, values, multi_class="ovr", average="macro")
    assert found[MetricKey("auroc")][0] == pytest.approx(expected)


def test_an_absent_class_is_left_out_of_the_mean_and_named():
    values = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.4, 0.5, 0.1], [0.8, 0.1, 0.1]])
    metrics = MulticlassMetrics([0, 1, 0, 0], values, classes=["x", "y", "z"])
    found = metrics(np.ones((1, 4)))
    assert np.isnan(found[MetricKey("auroc", "z")][0])
    assert found[MetricKey("auroc")][0] == 1.0
    assert metrics.left_out(MetricKey("auroc")) == "without `z`: no case has it"
    assert metrics.reason_undefined(MetricKey("auroc", "z")) == "0 of 4 cases are `z`"
    assert metrics.left_out(MetricKey("brier")) is None
    assert metrics.counts(MetricKey("auroc", "x")) == (4, 3)
    assert metrics.counts(MetricKey("auroc")) == (4, None)


def test_a_resample_that_lost_a_class_has_no_mean_over_the_same_classes(cases):
    labels, values = cases
    weights = np.stack([np.ones(90), (labels != 2).astype(float)])
    found = MulticlassMetrics(labels, values, classes=["a", "b", "c"])(weights)
    assert np.isnan(found[MetricKey("auroc")]).tolist() == [False, True]


def test_no_or_one_class_is_undefined():
    for labels, values in ([], np.empty((0, 2))), ([1, 1], np.full((2, 2), 0.5)):
        found = MulticlassMetrics(labels, values, classes=["a", "b"])(np.ones((1, len(labels))))
        assert np.isnan(found[MetricKey("auroc")][0])
        assert np.isnan(found[MetricKey("balanced_accuracy")][0])


def test_labels_and_shapes_are_checked():
    with pytest.raises(ValueError, match="labels must be 0 to 1"):
        MulticlassMetrics([2], [[0.5, 0.5]], classes=["a", "b"])
    with pytest.raises(ValueError, match=r"expected \(1, 3\)"):
        MulticlassMetrics([0], [[0.5, 0.5]], classes=["a", "b", "c"])
