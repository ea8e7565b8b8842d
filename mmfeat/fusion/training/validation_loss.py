"""The loss by which heads of one method are compared: of cases that a head was not fitted to."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mmfeat.fusion.task import Task
from mmfeat.fusion.training.task_losses import mean_losses


def mean_over_views(
    task: Task,
    logits: Float[Tensor, "*lead views cases outputs"],
    labels: Float[Tensor, "*lead cases columns"],
    takes_part: Bool[Tensor, "*lead views cases"],
) -> Float[Tensor, "*lead"]:
    """Return the mean loss of the views; views that no case takes part in are left out.

    Example:
        >>> logits, labels = torch.zeros(2, 3, 1), torch.ones(3, 1)
        >>> sees = torch.tensor([[True, True, False], [False, False, False]])
        >>> round(float(mean_over_views(Task.single("binary"), logits, labels, sees)), 4)
        0.6931
    """
    losses = mean_losses(task, logits, labels, takes_part.to(logits.dtype))  # (*lead, views)
    in_use = takes_part.any(-1)
    return torch.where(in_use, losses, 0.0).sum(-1) / in_use.sum(-1)
