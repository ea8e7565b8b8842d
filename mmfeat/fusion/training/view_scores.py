"""How well the validation part is predicted through the views: what early stopping watches."""

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.fusion.probabilities import log_losses, to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.training.task_losses import mean_losses
from mmfeat.metrics.discrimination import auroc

Array = NDArray[np.float64]


def ranks_labels(task: Task) -> bool:
    """Say whether all parts are classes or labels, so that an AUROC tells how well they are."""
    return all(part.kind in ("binary", "multiclass", "multilabel") for part in task.parts)


def score_of_views(logits: Array, labels: Array, view: NDArray[np.int64], task: Task) -> float:
    """Return the mean AUROC of the views, or their negative mean loss for numbers and times.

    AUROCs are averaged over the outputs of a part, and over parts by their weights. Views and
    outputs whose cases show one class only have none and are left out. Where nothing is left, the
    negative log loss answers instead; it too is higher for better predictions.

    Shape:
        - ``logits``: ``(pairs, outputs)``; ``labels``: ``(pairs, columns)``, NaN where missing;
          ``view``: ``(pairs,)``, the number of each pair's view.
    """
    if not ranks_labels(task):
        of_views = [
            _mean_loss(logits[view == number], labels[view == number], task)
            for number in np.unique(view)
        ]
        return -float(np.mean(of_views))
    scores = [
        score
        for number in np.unique(view)
        if not np.isnan(score := _macro_auroc(logits[view == number], labels[view == number], task))
    ]
    if scores:
        return float(np.mean(scores))
    return -float(np.nanmean(log_losses(logits, labels, task)))


def _mean_loss(logits: Array, labels: Array, task: Task) -> float:
    on_all = torch.ones(1, len(logits), dtype=torch.float64)
    tensors = torch.from_numpy(logits)[None], torch.from_numpy(labels)
    return float(mean_losses(task, *tensors, on_all))


def _macro_auroc(logits: Array, labels: Array, task: Task) -> float:
    areas, weights = [], []
    for part, outputs, columns in task.places():
        own = Task((part,))
        area = _part_auroc(logits[:, outputs], labels[:, columns], own)
        if not np.isnan(area):
            areas.append(area)
            weights.append(part.weight)
    return float(np.average(areas, weights=weights)) if areas else float("nan")


def _part_auroc(logits: Array, labels: Array, task: Task) -> float:
    columns = labels
    scores = logits
    if task.parts[0].kind == "multiclass":
        scores = to_answers(logits, task)
        columns = np.where(np.isnan(labels), np.nan, labels == np.arange(logits.shape[1]))
    areas = []
    for column, of_output in zip(columns.T, scores.T, strict=True):
        known = ~np.isnan(column)
        if len(np.unique(column[known])) == 2:
            areas.append(auroc(column[known], of_output[known]))
    return float(np.mean(areas)) if areas else float("nan")
