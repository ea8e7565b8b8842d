"""How well each head predicts its validation part: what early stopping watches, on the device."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from mmfeat.losses.task import Kind, label_losses


def mean_auroc_of_views(
    logits: Float[Tensor, "heads views cases outputs"],
    labels: Float[Tensor, "heads cases columns"],
    counted: Bool[Tensor, "heads views cases"],
    kind: Kind,
) -> Float[Tensor, " heads"]:
    """Return each head's mean AUROC of the views, each averaged over its outputs.

    The same numbers as `mmfeat.fusion.view_scores.mean_auroc_of_views`: views and outputs whose
    cases show one class only are left out, and where nothing is left, the negative mean log loss
    answers instead. NaN for a head whose logits are not finite.
    """
    logits = logits.double()
    if kind == "multiclass":
        scores = logits.softmax(-1)
        columns = functional.one_hot(labels[..., 0].nan_to_num(0.0).long(), logits.shape[-1])
        columns = torch.where(labels.isnan(), torch.nan, columns.double())
    else:
        scores, columns = logits, labels.double()
    areas = auroc(
        scores.transpose(2, 3),  # (heads, views, outputs, cases)
        columns.transpose(1, 2)[:, None],
        counted[:, :, None],
    )
    score = areas.nanmean(2).nanmean(1)
    score = torch.where(score.isnan(), -_mean_loss(logits, labels, counted, kind), score)
    return torch.where(logits.isfinite().flatten(1).all(1), score, torch.nan)


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
    kind: Kind,
) -> Float[Tensor, " heads"]:
    each = labels.to(logits.dtype)[:, None].expand(-1, logits.shape[1], -1, -1)
    losses = label_losses(logits.flatten(0, 2), each.flatten(0, 2), kind).view(each.shape)
    known = counted[..., None] & ~each.isnan()
    return torch.where(known, losses, 0.0).sum((1, 2, 3)) / known.sum((1, 2, 3))
