"""The task's loss of every head, over its views."""

import torch
from jaxtyping import Float
from torch import Tensor

from mmfeat.losses.task import Kind, label_losses


def mean_losses_of_views(
    logits: Float[Tensor, "heads views batch outputs"],
    labels: Float[Tensor, "heads batch columns"],
    weights: Float[Tensor, "heads views batch"],
    kind: Kind,
    *,
    class_weights: Float[Tensor, "heads columns classes"] | None = None,
) -> Float[Tensor, "heads views"]:
    """Return the mean cross-entropy of each view's known labels; 0 for a view without any.

    Shape:
        - ``weights``: how much each case counts in each view, 0 where it does not take part.
        - ``class_weights``: each head's own, multiplied into the losses.
    """
    each = labels[:, None].expand(-1, logits.shape[1], -1, -1)  # (heads, views, batch, columns)
    losses = label_losses(logits.flatten(0, 2), each.flatten(0, 2), kind).view(each.shape)
    known = ~labels.isnan()
    if class_weights is not None:
        losses = losses * _of_labels(class_weights, labels)[:, None]
    counted = weights[..., None] * known[:, None]
    totals, counts = (losses * counted).sum((2, 3)), counted.sum((2, 3))
    return totals / torch.where(counts > 0, counts, 1.0)


def _of_labels(
    class_weights: Float[Tensor, "heads columns classes"],
    labels: Float[Tensor, "heads batch columns"],
) -> Float[Tensor, "heads batch columns"]:
    classes = labels.nan_to_num(0.0).long().transpose(1, 2)  # (heads, columns, batch)
    return class_weights.gather(2, classes).transpose(1, 2)
