import math

import numpy as np
import pytest
import torch

from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.task_losses import mean_losses
from mmfeat.losses.cox import cox_loss
from mmfeat.losses.task import label_losses

BOTH = Task((TaskPart("multiclass", 3, weight=2.0), TaskPart("regression", 1)))


def test_a_value_by_hand():
    # Logit 0 costs ln 2; the second case counts twice, the third not at all, the fourth is unknown.
    logits = torch.tensor([0.0, 0.0, 5.0, 9.0]).view(1, 1, 4, 1)
    logits[0, 0, 1] = math.log(3)
    labels = torch.tensor([1.0, 0.0, 0.0, torch.nan]).view(1, 4, 1)
    weights = torch.tensor([1.0, 2.0, 0.0, 1.0]).view(1, 1, 4)
    expected = (math.log(2) + 2 * math.log(4)) / 3
    found = mean_losses(Task.single("binary"), logits, labels, weights)
    assert found.tolist() == [[pytest.approx(expected)]]


def test_two_targets_by_hand():
    logits = torch.tensor([[[math.log(3), 0.0, 0.0, 2.0]]])  # one view, one case
    labels = torch.tensor([[0.0, 5.0]])
    expected = (2 * -math.log(3 / 5) + (5 - 2) ** 2 / 2) / 3
    assert mean_losses(BOTH, logits, labels, torch.ones(1, 1)).item() == pytest.approx(expected)


def _cases(task, n_heads, n_views, n_cases):
    random = np.random.default_rng(0)
    logits = random.normal(size=(n_heads, n_views, n_cases, task.n_outputs))
    labels = [
        random.integers(0, max(2, part.n_outputs) if part.kind == "multiclass" else 2, size)
        if part.kind in ("binary", "multiclass", "multilabel")
        else random.integers(0, 4, size)
        for part, _, _ in task.places()
        for size in [(n_heads, n_cases, part.n_columns)]
    ]
    labels = np.concatenate(labels, axis=2).astype(float)
    labels[random.random(labels.shape) < 0.2] = np.nan
    takes_part = random.random((n_heads, n_views, n_cases)) < 0.7
    takes_part[0, 1] = False
    return map(torch.from_numpy, (logits, labels, takes_part))


def _mean_loss(task, logits, labels):
    """The mean of the known labels' losses, part by part."""
    total = sum(part.weight for part in task.parts)
    mean = torch.zeros((), dtype=torch.float64)
    for part, outputs, columns in task.places():
        own = labels[:, columns]
        losses = label_losses(logits[:, outputs], own, part.kind)
        mean += part.weight / total * losses.sum() / (~own.isnan()).sum().clamp(min=1)
    return mean


@pytest.mark.parametrize(
    "task",
    [
        Task.single("binary"),
        Task.single("multiclass", 3),
        Task.single("multilabel", 2),
        Task.single("regression"),
        BOTH,
    ],
)
def test_many_heads_have_the_mean_losses_that_each_view_has_alone(task):
    n_views = 3
    logits, labels, takes_part = _cases(task, 2, n_views, 12)
    found = mean_losses(task, logits, labels, takes_part.double())
    for head in range(2):
        for view in range(n_views):
            rows = takes_part[head, view]
            expected = _mean_loss(task, logits[head, view, rows], labels[head, rows])
            torch.testing.assert_close(found[head, view], expected)


def test_a_case_of_weight_two_counts_as_if_it_were_there_twice():
    logits, labels, _ = _cases(BOTH, 1, 2, 6)
    weights = torch.tensor([1.0, 2, 1, 1, 2, 1], dtype=torch.float64)
    rows = torch.arange(6).repeat_interleave(weights.long())
    twice = mean_losses(
        BOTH, logits[0, :1, rows], labels[0, rows], torch.ones(1, len(rows), dtype=torch.float64)
    )
    weighted = mean_losses(BOTH, logits[0, :1], labels[0], weights[None])
    torch.testing.assert_close(weighted, twice)


def test_cox_is_the_partial_likelihood_of_the_cases_in_each_view():
    task = Task((TaskPart("cox", 1), TaskPart("binary", 1)))
    logits, labels, takes_part = _cases(task, 2, 3, 12)
    labels[..., 1] = (labels[..., 1] > 1).double()
    found = mean_losses(task, logits, labels, takes_part.double())
    one = Task.single("binary")
    of_labels = mean_losses(one, logits[..., 1:], labels[..., 2:], takes_part.double())
    for head in range(2):
        for view in range(3):
            rows = takes_part[head, view]
            of_view = logits[head, view, rows, 0]
            expected = cox_loss(of_view, labels[head, rows, 0], labels[head, rows, 1])
            torch.testing.assert_close(
                found[head, view], (expected + of_labels[head, view]) / 2, check_dtype=False
            )
