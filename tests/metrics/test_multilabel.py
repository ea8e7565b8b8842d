"""Several findings with unknown labels: each on its own cases, means over the defined ones."""

import numpy as np
import pytest
from sklearn import metrics as sk

from mmfeat.metrics import MultilabelMetrics
from mmfeat.metrics.metric_set import MetricKey

NAMES = ["nodule", "emphysema", "never"]


@pytest.fixture
def cases():
    generator = np.random.default_rng(2)
    values = generator.random((70, 3))
    labels = (generator.random((70, 3)) < values).astype(float)
    labels[generator.random((70, 3)) < 0.2] = np.nan
    labels[:, 2] = np.where(np.isnan(labels[:, 2]), np.nan, 0.0)
    return labels, values


def test_each_label_uses_the_cases_in_which_it_is_known(cases):
    labels, values = cases
    weights = np.random.default_rng(0).integers(0, 3, (3, 70)).astype(float)
    metrics = MultilabelMetrics(labels, values, names=NAMES)
    found = metrics(weights)
    for row, of_row in enumerate(weights):
        aurocs = []
        for k, name in enumerate(NAMES[:2]):
            known = ~np.isnan(labels[:, k])
            aurocs.append(
                sk.roc_auc_score(labels[known, k], values[known, k], sample_weight=of_row[known])
            )
            assert found[MetricKey("auroc", name)][row] == pytest.approx(aurocs[-1])
        assert found[MetricKey("auroc")][row] == pytest.approx(np.mean(aurocs))
        known = ~np.isnan(labels)
        briers = [
            sk.brier_score_loss(
                labels[known[:, k], k],
                values[known[:, k], k],
                sample_weight=of_row[known[:, k]],
                pos_label=1,
            )
            for k in range(3)
        ]
        assert found[MetricKey("brier")][row] == pytest.approx(np.mean(briers))


def test_an_undefined_label_is_left_out_by_name(cases):
    labels, values = cases
    metrics = MultilabelMetrics(labels, values, names=NAMES)
    assert metrics.left_out(MetricKey("auroc")) == "without `never`: undefined there"
    assert metrics.left_out(MetricKey("brier")) is None
    known = int((~np.isnan(labels[:, 2])).sum())
    assert (
        metrics.reason_undefined(MetricKey("auroc", "never")) == f"all {known} cases are negative"
    )
    assert metrics.counts(MetricKey("auroc", "never")) == (known, 0)
    assert metrics.counts(MetricKey("auroc")) == (70, None)


def test_no_defined_label_at_all_is_undefined():
    metrics = MultilabelMetrics([[0.0], [0.0]], [[0.1], [0.2]], names=["a"])
    assert np.isnan(metrics(np.ones((1, 2)))[MetricKey("auroc")][0])
    assert metrics.reason_undefined(MetricKey("auroc")) == "undefined for every label"


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"expected two arrays \(cases, 2\)"):
        MultilabelMetrics([[0.0]], [[0.1]], names=["a", "b"])
