"""By which labels the contrastive stage compares cases, whatever is to be predicted."""

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.task import Task, TaskPart
from mmfeat.losses.kinds import LabelKind


def contrast_kind(task: Task) -> LabelKind:
    """Return the kind of the labels that `contrast_labels` makes."""
    part = task.parts[0]
    if part.hazards or part.kind == "regression" or part.kind == "cox":
        return "binary"
    return part.kind


def contrast_labels(
    task: Task, labels: Float[Tensor, "*lead columns"]
) -> Float[Tensor, "*lead of_contrast"]:
    """Return labels that say which pairs of cases belong together; NaN where that is not known.

    Classes and findings are taken as they are. A number is above ``divides_at`` or not. Of a time
    to an event it is asked whether the event came within ``divides_at``: cases whose follow-up
    ended before that without it are not comparable. Of several parts the first one counts.
    """
    part, _, columns = next(task.places())
    own = labels[..., columns]
    if part.hazards:
        return _event_within(own[..., : int(part.divides_at)])
    if part.kind == "regression":
        return torch.where(own.isnan(), torch.nan, (own > part.divides_at).to(own.dtype))
    return _cox_within(own, part) if part.kind == "cox" else own


def _event_within(
    intervals: Float[Tensor, "*lead intervals"],
) -> Float[Tensor, "*lead one"]:
    event = (intervals == 1).any(-1, keepdim=True)
    survived = (intervals == 0).all(-1, keepdim=True)
    answer = torch.where(survived, 0.0, torch.nan).to(intervals.dtype)
    return torch.where(event, 1.0, answer)


def _cox_within(labels: Float[Tensor, "*lead two"], part: TaskPart) -> Float[Tensor, "*lead one"]:
    time, event = labels[..., :1], labels[..., 1:]
    free = (time > part.divides_at) | ((time >= part.divides_at) & (event == 0))
    answer = torch.where(free, 0.0, torch.nan).to(labels.dtype)
    return torch.where((time <= part.divides_at) & (event == 1), 1.0, answer)
