"""AUROC within folds: scikit-learn's of each fold, weighted, and no artefact of pooling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from mmfeat.metrics import BinaryMetrics, MulticlassMetrics, MultilabelMetrics, auroc
from mmfeat.metrics import auroc_within_folds as within
from mmfeat.metrics.metric_set import MetricKey


@st.composite
def folded_cases(draw):
    """Labels, scores with ties, folds and whole-number weights; fold 0 has both classes."""
    n = draw(st.integers(2, 40))
    column = st.integers(0, 3)
    labels = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=float)
    scores, folds, weights = (
        np.array(draw(st.lists(column, min_size=n, max_size=n)), dtype=float) for _ in range(3)
    )
    labels[:2], folds[:2] = (0, 1), 0
    weights[:2] += 1
    return labels, scores, folds, weights


@given(folded_cases())
def test_it_is_scikit_learns_of_each_fold_weighted_by_pairs(cases):
    labels, scores, folds, weights = cases
    total, pairs = 0.0, 0.0
    for fold in np.unique(folds):
        rows = folds == fold
        positive = weights[rows] @ labels[rows]
        n_pairs = positive * (weights[rows].sum() - positive)
        if n_pairs:
            of_fold = sk.roc_auc_score(labels[rows], scores[rows], sample_weight=weights[rows])
            total, pairs = total + of_fold * n_pairs, pairs + n_pairs
    assert within(labels, scores, folds, weights) == pytest.approx(total / pairs)


@given(folded_cases())
def test_one_fold_is_the_plain_auroc(cases):
    labels, scores, _, weights = cases
    expected = pytest.approx(auroc(labels, scores, weights))
    assert within(labels, scores, np.zeros(len(labels)), weights) == expected


def test_a_model_that_learnt_only_the_base_rate_is_at_one_half_and_not_below():
    # Each fold's answer is the share of positives outside it, so the pooled order is upside down.
    labels = np.repeat([1, 1, 0, 1, 0, 0], 10).astype(float)
    folds = np.repeat([0, 0, 0, 1, 1, 1], 10)
    scores = np.where(folds == 0, 1 / 3, 2 / 3)
    assert auroc(labels, scores) < 0.4
    assert within(labels, scores, folds) == 0.5


def test_folds_of_one_class_each_are_undefined_with_a_reason():
    labels, folds = [0, 0, 1, 1], [1, 1, 2, 2]
    assert np.isnan(within(labels, [0.1, 0.2, 0.3, 0.4], folds))
    metrics = BinaryMetrics(labels, [0.1, 0.2, 0.3, 0.4], folds=folds)
    assert np.isnan(metrics(np.ones((1, 4)))[MetricKey("auroc")][0])
    assert "no fold has both" in metrics.reason_undefined(MetricKey("auroc"))


def test_every_set_of_metrics_compares_within_folds():
    generator = np.random.default_rng(5)
    folds, labels = generator.integers(0, 3, 60), generator.integers(0, 2, 60)
    scores = np.clip(generator.random(60) * 0.4 + 0.2 * folds, 0, 1)
    expected = within(labels, scores, folds)
    assert expected != pytest.approx(auroc(labels, scores), abs=0.005)
    two = np.stack([1 - scores, scores], axis=1)
    sets = [
        BinaryMetrics(labels, scores, folds=folds),
        MulticlassMetrics(labels, two, classes=["no", "yes"], folds=folds),
        MultilabelMetrics(labels[:, None], scores[:, None], names=["yes"], folds=folds),
    ]
    for metrics in sets:
        assert metrics(np.ones((1, 60)))[MetricKey("auroc")][0] == pytest.approx(expected)


def test_folds_of_another_length_are_refused():
    with pytest.raises(ValueError, match="expected 2 folds"):
        within([0, 1], [0.1, 0.2], [0, 0, 1])
