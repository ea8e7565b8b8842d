"""How well each head predicts its validation part: what early stopping watches, on the device."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from mmfeat.fusion.task import Task, TaskPart
from mmfeat.fusion.training.task_losses import mean_losses
from mmfeat.fusion.training.validation_loss import mean_over_views
from mmfeat.fusion.training.view_scores import ranks_labels


def scores_of_views(
    logits: Float[Tensor, "heads views cases outputs"],
    labels: Float[Tensor, "heads cases columns"],
    counted: Bool[Tensor, "heads views cases"],
    task: Task,
) -> Float[Tensor, " heads"]:
    """Return each head's mean AUROC of the views, or their negative mean loss.

    The same numbers as `score_of_views`: views and outputs whose cases show one class only are left
    out, and where nothing is left, the negative mean log loss answers instead. NaN for a head whose
    logits are not finite.
    """
    logits, labels = logits.double(), labels.double()
    if ranks_labels(task):
        score = _mean_auroc(logits, labels, counted, task)
        score = torch.where(score.isnan(), -_mean_loss(logits, labels, counted, task), score)
    else:
        score = -mean_over_views(task, logits, labels, counted)
    return torch.where(logits.isfinite().flatten(1).all(1), score, torch.nan)


def _mean_auroc(
    logits: Float[Tensor, "heads views cases outputs"],
    labels: Float[Tensor, "heads cases columns"],
    counted: Bool[Tensor, "heads views cases"],
    task: Task,
) -> Float[Tensor, " heads"]:
    """Return the mean over the views of the weighted mean over the parts; NaN for none."""
    of_parts = [
        _part_areas(logits[..., outputs], labels[..., columns], counted, part)
        for part, outputs, columns in task.places()
    ]
    if len(of_parts) == 1:
        return of_parts[0].nanmean(1)
    areas = torch.stack(of_parts)  # (parts, heads, views)
    weights = areas.new_tensor([part.weight for part in task.parts])[:, None, None]
    in_use = weights * ~areas.isnan()
    return ((areas.nan_to_num(0.0) * in_use).sum(0) / in_use.sum(0)).nanmean(1)


def _part_areas(
    logits: Float[Tensor, "heads views cases outputs"],
    labels: Float[Tensor, "heads cases columns"],
    counted: Bool[Tensor, "heads views cases"],
    part: TaskPart,
) -> Float[Tensor, "heads views"]:
    scores, columns = logits, labels
    if part.kind == "multiclass":
        scores = logits.softmax(-1)
        columns = functional.one_hot(labels[..., 0].nan_to_num(0.0).long(), logits.shape[-1])
        columns = torch.where(labels.isnan(), torch.nan, columns.double())
    areas = auroc(
        scores.transpose(2, 3),  # (heads, views, outputs, cases)
        columns.transpose(1, 2)[:, None],
        counted[:, :, None],
    )
    return areas.nanmean(2)


def auroc(
    scores: Float[Tensor, "*stack cases"],
    labels: Float[Tensor, "*#stack cases"],
    counted: Bool[Tensor, "*#stack cases"],
) -> Float[Tensor, "*stack"]:
    """Return the area under the ROC curve along the last axis; NaN where one class is missing.

    Cases that are not counted, or whose label is NaN, do not matter. It is computed from mid-ranks,
    so a tie counts one half.
    """
    counted = counted & ~labels.isnan()
    scores = torch.where(counted, scores, torch.inf).contiguous()  # behind all that are counted
    ordered = scores.sort(dim=-1).values
    ranks = torch.searchsorted(ordered, scores) + torch.searchsorted(ordered, scores, right=True)
    positive = counted & (labels == 1)
    n_positive, n_negative = positive.sum(-1), (counted & (labels == 0)).sum(-1)
    # Twice the sum of the positive cases' mid-ranks: whole numbers, so nothing is rounded.
    twice = torch.where(positive, ranks + 1, 0).sum(-1)
    pairs_won = twice.double() / 2 - n_positive.double() * (n_positive + 1) / 2
    return pairs_won / (n_positive.double() * n_negative)  # 0 / 0 is NaN


def _mean_loss(
    logits: Float[Tensor, "heads views cases outputs"],
    labels: Float[Tensor, "heads cases columns"],
    counted: Bool[Tensor, "heads views cases"],
    task: Task,
) -> Float[Tensor, " heads"]:
    """Return the mean over all views and known labels, of several parts by their weights."""
    in_one_view = (
        logits.flatten(1, 2)[:, None],
        labels.repeat(1, logits.shape[1], 1),
        counted.flatten(1, 2)[:, None].to(logits.dtype),
    )
    return mean_losses(task, *in_one_view)[:, 0]
