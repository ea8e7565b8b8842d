import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from mmfeat.fusion.probabilities import log_losses, to_answers
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.view_scores import score_of_views

BINARY, CLASSES = Task.single("binary"), Task.single("multiclass", 3)
RANDOM = np.random.default_rng(0)


def test_it_is_the_mean_of_scikit_learns_over_the_views():
    logits, labels = RANDOM.normal(size=(60, 1)), RANDOM.integers(0, 2, (60, 1)).astype(float)
    view = np.repeat([0, 1, 2], 20)
    expected = np.mean([roc_auc_score(labels[view == v], logits[view == v]) for v in range(3)])
    assert score_of_views(logits, labels, view, BINARY) == pytest.approx(expected)


def test_classes_are_compared_one_against_the_rest():
    logits = RANDOM.normal(size=(50, 3))
    classes = RANDOM.integers(0, 3, 50)
    expected = roc_auc_score(classes, to_answers(logits, CLASSES), multi_class="ovr")
    labels = classes[:, None].astype(float)
    found = score_of_views(logits, labels, np.zeros(50, dtype=int), CLASSES)
    assert found == pytest.approx(expected)


def test_views_and_labels_with_one_class_are_left_out():
    logits = np.array([[0.1, 0.0], [0.9, 0.0], [0.5, 0.0]])
    labels = np.array([[0.0, 1.0], [1.0, np.nan], [1.0, 1.0]])
    assert score_of_views(logits, labels, np.array([0, 0, 1]), Task.single("multilabel", 2)) == 1.0


def test_with_one_class_everywhere_the_log_loss_answers():
    logits, labels = np.array([[0.0], [2.0]]), np.ones((2, 1))
    expected = -log_loss([1, 1], 1 / (1 + np.exp(-logits[:, 0])), labels=[0, 1])
    found = score_of_views(logits, labels, np.zeros(2, dtype=int), BINARY)
    assert found == pytest.approx(expected)


@pytest.mark.parametrize("task", [BINARY, CLASSES])
def test_log_losses_are_scikit_learns(task):
    logits = RANDOM.normal(size=(30, task.n_outputs))
    classes = RANDOM.integers(0, max(2, task.n_outputs), 30)
    losses = log_losses(logits, classes[:, None].astype(float), task)
    probabilities = to_answers(logits, task)
    both = probabilities if task is CLASSES else np.hstack([1 - probabilities, probabilities])
    labels = list(range(both.shape[1]))
    assert losses.mean() == pytest.approx(log_loss(classes, both, labels=labels))


def test_log_losses_are_nan_where_labels_are_missing_and_finite_for_huge_logits():
    losses = log_losses(np.array([[800.0], [-800.0]]), np.array([[0.0], [np.nan]]), BINARY)
    assert losses[0, 0] == pytest.approx(800.0)
    assert np.isnan(losses[1, 0])


def test_numbers_are_scored_by_minus_their_mean_loss_over_the_views():
    logits, labels = np.array([[0.0], [1.0], [5.0]]), np.array([[2.0], [1.0], [1.0]])
    view = np.array([0, 0, 1])
    # Half squared errors of 2 and 0 in the first view, of 8 in the second.
    assert score_of_views(logits, labels, view, Task.single("regression")) == -(1 + 8) / 2


def test_several_labels_are_scored_by_the_weighted_mean_of_their_areas():
    both = Task((TaskPart("binary", 1, weight=3.0), TaskPart("multilabel", 2)))
    logits = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    labels = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    assert score_of_views(logits, labels, np.zeros(2, dtype=int), both) == pytest.approx(0.75)
