import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from mmfeat.fusion.probabilities import log_losses, to_probabilities
from mmfeat.fusion.view_scores import mean_auroc_of_views

RANDOM = np.random.default_rng(0)


def test_it_is_the_mean_of_scikit_learns_over_the_views():
    logits, labels = RANDOM.normal(size=(60, 1)), RANDOM.integers(0, 2, (60, 1)).astype(float)
    view = np.repeat([0, 1, 2], 20)
    expected = np.mean([roc_auc_score(labels[view == v], logits[view == v]) for v in range(3)])
    assert mean_auroc_of_views(logits, labels, view, "binary") == pytest.approx(expected)


def test_classes_are_compared_one_against_the_rest():
    logits = RANDOM.normal(size=(50, 3))
    classes = RANDOM.integers(0, 3, 50)
    expected = roc_auc_score(classes, to_probabilities(logits, "multiclass"), multi_class="ovr")
    labels = classes[:, None].astype(float)
    found = mean_auroc_of_views(logits, labels, np.zeros(50, dtype=int), "multiclass")
    assert found == pytest.approx(expected)


def test_views_and_labels_with_one_class_are_left_out():
    logits = np.array([[0.1, 0.0], [0.9, 0.0], [0.5, 0.0]])
    labels = np.array([[0.0, 1.0], [1.0, np.nan], [1.0, 1.0]])
    assert mean_auroc_of_views(logits, labels, np.array([0, 0, 1]), "multilabel") == 1.0


def test_with_one_class_everywhere_the_log_loss_answers():
    logits, labels = np.array([[0.0], [2.0]]), np.ones((2, 1))
    expected = -log_loss([1, 1], 1 / (1 + np.exp(-logits[:, 0])), labels=[0, 1])
    found = mean_auroc_of_views(logits, labels, np.zeros(2, dtype=int), "binary")
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["binary", "multiclass"])
def test_log_losses_are_scikit_learns(kind):
    logits = RANDOM.normal(size=(30, 1 if kind == "binary" else 3))
    classes = RANDOM.integers(0, 2 if kind == "binary" else 3, 30)
    losses = log_losses(logits, classes[:, None].astype(float), kind)
    probabilities = to_probabilities(logits, kind)
    both = probabilities if kind == "multiclass" else np.hstack([1 - probabilities, probabilities])
    labels = list(range(both.shape[1]))
    assert losses.mean() == pytest.approx(log_loss(classes, both, labels=labels))


def test_log_losses_are_nan_where_labels_are_missing_and_finite_for_huge_logits():
    losses = log_losses(np.array([[800.0], [-800.0]]), np.array([[0.0], [np.nan]]), "binary")
    assert losses[0, 0] == pytest.approx(800.0)
    assert np.isnan(losses[1, 0])
