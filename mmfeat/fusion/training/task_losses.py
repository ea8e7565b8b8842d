"""The loss of a task over the views of a batch, for one head or for many."""

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.task import Task, TaskPart
from mmfeat.losses.cox import cox_loss
from mmfeat.losses.task import label_losses


def mean_losses(
    task: Task,
    logits: Float[Tensor, "*lead views batch outputs"],
    labels: Float[Tensor, "*lead batch columns"],
    weights: Float[Tensor, "*lead views batch"],
) -> Float[Tensor, "*lead views"]:
    """Return the mean loss of each view's known labels; 0 for a view without any.

    That of several parts is their mean by the weights of the parts.

    Shape:
        - ``weights``: how much each case counts in each view, 0 where it does not take part.
    """
    of_parts = [
        _of_part(part, logits[..., outputs], labels[..., columns], weights)
        for part, outputs, columns in task.places()
    ]
    return _weighted(of_parts, task)


def _weighted(of_parts: list[Tensor], task: Task) -> Tensor:
    if len(of_parts) == 1:
        return of_parts[0]
    total = sum(part.weight for part in task.parts)
    return torch.stack(
        [loss * (part.weight / total) for loss, part in zip(of_parts, task.parts, strict=True)]
    ).sum(0)


def _of_part(
    part: TaskPart,
    logits: Float[Tensor, "*lead views batch outputs"],
    labels: Float[Tensor, "*lead batch columns"],
    weights: Float[Tensor, "*lead views batch"],
) -> Float[Tensor, "*lead views"]:
    if part.kind == "cox":
        return _of_cox(logits[..., 0], labels, weights)
    each = labels[..., None, :, :].expand(*weights.shape, -1)  # (*lead, views, batch, columns)
    losses = label_losses(
        logits.reshape(-1, logits.shape[-1]),
        each.reshape(-1, each.shape[-1]),
        part.kind,
    ).view(each.shape)
    known = ~labels.isnan()
    counted = weights[..., None] * known[..., None, :, :]
    totals, counts = (losses * counted).sum((-2, -1)), counted.sum((-2, -1))
    return totals / torch.where(counts > 0, counts, 1.0)


def _of_cox(
    log_hazards: Float[Tensor, "*lead views batch"],
    labels: Float[Tensor, "*lead batch two"],
    weights: Float[Tensor, "*lead views batch"],
) -> Float[Tensor, "*lead views"]:
    """Return the partial likelihood within each view; cases count there, or they do not."""
    each = labels[..., None, :, :].expand(*weights.shape, -1)
    flat = [values.reshape(-1, *values.shape[weights.ndim - 1 :]) for values in (log_hazards, each)]
    counted = weights.reshape(-1, weights.shape[-1]) > 0
    losses = [
        cox_loss(hazards[rows], of_view[rows, 0], of_view[rows, 1])
        for hazards, of_view, rows in zip(*flat, counted, strict=True)
    ]
    return torch.stack(losses).view(weights.shape[:-1])
