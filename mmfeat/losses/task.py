"""The loss of every label, with labels that may be missing."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from mmfeat.losses.kinds import CaseKind

Kind = CaseKind


def label_losses(
    logits: Float[Tensor, "rows outputs"],
    labels: Float[Tensor, "rows columns"],
    kind: Kind,
) -> Float[Tensor, "rows columns"]:
    """Return the loss of each label, and 0 where the label is missing.

    It is the cross-entropy; for regression half the squared error, the log loss of a normal
    distribution of deviation 1 up to a constant.

    Shape:
        - ``logits``: binary and regression ``(rows, 1)``; multiclass ``(rows, classes)``;
          multilabel ``(rows, labels)``.
        - ``labels``: binary ``(rows, 1)`` of 0 and 1; multiclass ``(rows, 1)`` with the index of
          the class; multilabel ``(rows, labels)``; regression ``(rows, 1)``; NaN where missing.
        - Output: the shape of ``labels``.

    Example:
        >>> label_losses(torch.zeros(2, 1), torch.tensor([[1.0], [torch.nan]]), "binary").tolist()
        [[0.6931471824645996], [0.0]]
    """
    columns = 1 if kind == "multiclass" else logits.shape[1]
    if labels.shape[1] != columns or (kind in ("binary", "regression") and columns != 1):
        raise ValueError(
            f"{kind} labels do not fit: logits {tuple(logits.shape)}, {tuple(labels.shape)}"
        )
    known = ~labels.isnan()
    filled = torch.where(known, labels, 0.0)
    if kind == "regression":
        losses = (logits - filled).square() / 2
    elif kind == "multiclass":
        losses = functional.cross_entropy(logits, filled[:, 0].long(), reduction="none")[:, None]
    else:
        losses = functional.binary_cross_entropy_with_logits(logits, filled, reduction="none")
    return torch.where(known, losses, 0.0)


def task_loss(
    logits: Float[Tensor, "rows outputs"],
    labels: Float[Tensor, "rows columns"],
    kind: Kind,
) -> Float[Tensor, ""]:
    """Return the mean loss of the known labels; zero, on the graph, when there is none."""
    n_known = int((~labels.isnan()).sum())
    if n_known == 0:
        return logits.sum() * 0.0
    return label_losses(logits, labels, kind).sum() / n_known
