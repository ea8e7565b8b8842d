"""From logits to answers, as tensors: the same as `probabilities.to_answers`."""

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.fusion.task import Task


def answers_of(logits: Float[Tensor, "rows outputs"], task: Task) -> Float[Tensor, "rows outputs"]:
    """Return probabilities of classes, labels and intervals; numbers and log hazards as they are.

    Example:
        >>> answers_of(torch.zeros(1, 1), Task.single("binary")).tolist()
        [[0.5]]
    """
    found = []
    for part, outputs, _ in task.places():
        of_part = logits[:, outputs]
        if part.kind == "multiclass":
            of_part = of_part.softmax(dim=1)
        elif part.kind in ("binary", "multilabel"):
            of_part = of_part.sigmoid()
        found.append(of_part)
    return torch.cat(found, dim=1)
