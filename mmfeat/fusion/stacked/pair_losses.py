"""The contrastive loss of every head: `views_contrastive_loss`, in shapes that never change."""

from itertools import combinations

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from mmfeat.losses.contrastive import Kind


def agreements(
    labels: Float[Tensor, "heads batch columns"], kind: Kind
) -> Float[Tensor, "heads batch batch"]:
    """Say which pairs of each head's cases share a label, as `label_agreement` does."""
    known = ~labels.isnan()
    if kind == "multilabel":
        found = (labels == 1).to(labels.dtype)
        absent = known.to(labels.dtype) - found
        shared = found @ found.transpose(1, 2) > 0
        apart = found @ absent.transpose(1, 2)  # found in one, known not to be in the other
        neither = apart + apart.transpose(1, 2) == 0
        both = known.to(labels.dtype)
        same, usable = shared | neither, both @ both.transpose(1, 2) > 0
    else:
        same = labels == labels.transpose(1, 2)
        usable = known & known.transpose(1, 2)
    return (same.to(labels.dtype) * 2 - 1) * usable


def balanced_weights(
    labels: Float[Tensor, "heads batch columns"],
    agreement: Float[Tensor, "heads batch batch"],
    valid: Bool[Tensor, "heads batch"],
    kind: Kind,
) -> Float[Tensor, "heads batch batch"]:
    """Weight each head's pairs by class, as `pair_weights` does for the cases that are valid."""
    both = (valid[:, :, None] & valid[:, None]).to(labels.dtype)
    if kind == "multilabel":
        groups = torch.stack([agreement == 1, agreement == -1]).to(labels.dtype) * both
        sizes = groups.sum((2, 3), keepdim=True)
        n_groups = (sizes > 0).sum(0).to(labels.dtype)
        return (groups / (sizes.clamp(min=1.0) * n_groups.clamp(min=1.0))).sum(0)
    of_class = ((agreement == 1) * both).sum(2)  # how many cases each case shares its class with
    share = torch.where(of_class > 0, 1 / of_class.clamp(min=1.0), 0.0)
    n_classes = share.sum(1)[:, None, None]
    weights = share[:, :, None] * share[:, None] / n_classes.clamp(min=1.0).square()
    return weights * both


def contrastive_losses(
    projected: Float[Tensor, "heads views batch dim"],
    takes_part: Bool[Tensor, "heads views batch"],
    agreement: Float[Tensor, "heads batch batch"],
    *,
    temperature: Float[Tensor, " heads"],
    bias: Float[Tensor, " heads"],
    weights: Float[Tensor, "heads batch batch"] | None,
) -> Float[Tensor, " heads"]:
    """Sum each head's loss over all pairs of views; 0 for a pair that no two cases are in."""
    shown = torch.where(takes_part[..., None], projected, 0.0)
    directions = functional.normalize(shown, dim=-1)
    counted = (agreement != 0).to(projected.dtype)
    counted = counted if weights is None else counted * weights
    present = takes_part.to(projected.dtype)
    total = directions.sum((1, 2, 3)) * 0.0
    for left, right in combinations(range(projected.shape[1]), 2):
        cosines = directions[:, left] @ directions[:, right].transpose(1, 2)
        logits = temperature[:, None, None] * cosines + bias[:, None, None]
        share = counted * present[:, left, :, None] * present[:, right, None]
        losses = -(share * functional.logsigmoid(agreement * logits)).sum((1, 2))
        all_shares = share.sum((1, 2))
        total = total + losses / torch.where(all_shares > 0, all_shares, 1.0)
    return total
