import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from mmfeat.fusion.stacked.view_scores import auroc, scores_of_views
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.view_scores import score_of_views as on_arrays


def test_it_is_the_area_of_scikit_learn_with_ties_and_cases_left_out():
    random = np.random.default_rng(0)
    scores = random.integers(0, 9, size=(6, 80)).astype(float)
    labels = random.integers(0, 2, size=(6, 80)).astype(float)
    labels[random.random(labels.shape) < 0.1] = np.nan
    counted = random.random(labels.shape) < 0.7
    areas = auroc(*map(torch.from_numpy, (scores, labels, counted)))
    for area, *row in zip(areas.tolist(), scores, labels, counted, strict=True):
        used = row[2] & ~np.isnan(row[1])
        assert area == pytest.approx(roc_auc_score(row[1][used], row[0][used]), abs=1e-12)


def test_one_class_alone_has_no_area():
    scores, counted = torch.zeros(1, 3), torch.ones(1, 3, dtype=torch.bool)
    assert auroc(scores, torch.ones(1, 3), counted).isnan().all()


@pytest.mark.parametrize(
    "task",
    [
        Task.single("binary"),
        Task.single("multiclass", 3),
        Task.single("multilabel", 2),
        Task.single("regression"),
        Task((TaskPart("multilabel", 2, weight=2.0), TaskPart("binary", 1))),
        Task((TaskPart("multilabel", 2, weight=2.0), TaskPart("regression", 1))),
    ],
)
def test_each_head_is_scored_as_it_would_be_alone(task):
    random = np.random.default_rng(1)
    n_heads, n_views, n_cases = 3, 2, 50
    logits = random.normal(size=(n_heads, n_views, n_cases, task.n_outputs))
    n_classes = 3 if task.parts[0].kind == "multiclass" else 2
    labels = random.integers(0, n_classes, size=(n_heads, n_cases, task.n_columns)).astype(float)
    labels[random.random(labels.shape) < 0.1] = np.nan
    labels[1][~np.isnan(labels[1])] = 1.0  # one class: the log loss answers
    counted = random.random((n_heads, n_views, n_cases)) < 0.8
    found = scores_of_views(*map(torch.from_numpy, (logits, labels, counted)), task)
    for head in range(n_heads):
        view, case = np.nonzero(counted[head])
        expected = on_arrays(logits[head, view, case], labels[head, case], view, task)
        assert found[head].item() == pytest.approx(expected, abs=1e-9)


def test_a_head_whose_logits_are_not_numbers_has_no_score():
    logits = torch.zeros(2, 1, 4, 1)
    logits[1, 0, 2] = torch.nan
    labels = torch.tensor([0.0, 1, 0, 1]).view(1, 4, 1).expand(2, -1, -1)
    scores = scores_of_views(
        logits, labels, torch.ones(2, 1, 4, dtype=torch.bool), Task.single("binary")
    )
    assert scores.isnan().tolist() == [False, True]
