"""Pull together what shares a label, push apart what does not: a sigmoid loss over pairs.

The formula is that of Gu et al. (MICCAI 2025, arXiv 2509.18284); the sigmoid over pairs is that of
SigLIP.

NOTE: we differ from the paper where `starting_bias` and `pair_weights` are used. It starts with
bias -10, which suits identity targets; with labels, most pairs may be positive (89 % at a
prevalence of 6 %).
"""

import math
from itertools import combinations

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from mmfeat.losses.kinds import LabelKind

Kind = LabelKind

PUBLISHED_BIAS = -10.0
"""Where the paper's loss starts."""
_LARGEST_TEMPERATURE = 100.0
_LARGEST_BIAS = 10.0


def label_agreement(
    labels: Float[Tensor, "batch columns"],
    kind: Kind,
    others: Float[Tensor, "others columns"] | None = None,
) -> Float[Tensor, "batch others"]:
    """Say for each pair of cases whether they share a label: 1, -1, or 0 where that is not known.

    binary and multiclass: the same label is an equal one. multilabel: at least one finding is
    shared, or neither case has any, judged on the findings that are known for both; where none is,
    the answer is 0.

    Shape:
        - ``labels``: ``(batch, columns)`` as in ``TargetValues``; NaN where the label is missing.
        - ``others``: ``(others, columns)``, what they are compared with: themselves when not given.
        - Output: ``(batch, others)``.

    Example:
        >>> label_agreement(torch.tensor([[0.0], [1.0], [1.0]]), "binary").tolist()
        [[1.0, -1.0, -1.0], [-1.0, 1.0, 1.0], [-1.0, 1.0, 1.0]]
    """
    others = labels if others is None else others
    known, known_of_others = ~labels.isnan(), ~others.isnan()
    if kind == "multilabel":
        jointly_known = known[:, None] & known_of_others[None, :]  # (batch, others, columns)
        found = (labels == 1)[:, None] & jointly_known
        found_in_others = (others == 1)[None, :] & jointly_known
        shared = (found & found_in_others).any(-1)
        neither = ~(found | found_in_others).any(-1)
        same, usable = shared | neither, jointly_known.any(-1)
    else:
        same = labels == others.T
        usable = known & known_of_others.T
    return torch.where(usable, torch.where(same, 1.0, -1.0), 0.0).to(labels.dtype)


def pair_weights(
    labels: Float[Tensor, "batch columns"],
    agreement: Float[Tensor, "batch others"],
    kind: Kind,
    others: Float[Tensor, "others columns"] | None = None,
) -> Float[Tensor, "batch others"]:
    """Weight pairs so that common labels do not drown rare ones; all weights sum to 1.

    binary and multiclass: every ordered pair of classes carries the same total weight. multilabel:
    the pairs that agree carry the same total weight as those that do not.

    Shape:
        - ``labels``, ``others``: as in `label_agreement`; ``agreement`` and output: ``(batch,
          others)``.
    """
    others = labels if others is None else others
    if kind == "multilabel":
        groups = [agreement == 1, agreement == -1]
    else:
        classes = sorted({*labels[~labels.isnan()].tolist(), *others[~others.isnan()].tolist()})
        groups = [
            (labels == first) & (others == second).T for first in classes for second in classes
        ]
    weights = torch.zeros_like(agreement)
    groups = [group for group in groups if group.any()]
    for group in groups:
        weights = weights + group.to(weights.dtype) / (group.sum() * len(groups))
    return weights


def starting_bias(
    agreement: Float[Tensor, "batch batch"], weights: Float[Tensor, "batch batch"] | None = None
) -> float:
    """Return the logit of the share of pairs that agree: where the loss should start.

    For two classes with prevalence ``p`` and no weights, that share is ``p**2 + (1 - p)**2``. It is
    kept within +-10, so that a batch of one class has a finite start.
    """
    usable = (agreement != 0).to(agreement.dtype) * (1.0 if weights is None else weights)
    total = float(usable.sum())
    if total == 0:
        return 0.0
    share = float(usable[agreement == 1].sum()) / total
    if share in (0.0, 1.0):
        return _LARGEST_BIAS if share else -_LARGEST_BIAS
    return max(-_LARGEST_BIAS, min(_LARGEST_BIAS, math.log(share / (1 - share))))


def clamped_temperature(log_temperature: Float[Tensor, "*heads"]) -> Float[Tensor, "*heads"]:
    """Return the temperature, kept between 1 and 100 so that it can neither vanish nor run away."""
    return log_temperature.clamp(0.0, math.log(_LARGEST_TEMPERATURE)).exp()


def sigmoid_contrastive_loss(
    left: Float[Tensor, "batch dim"],
    right: Float[Tensor, "others dim"],
    agreement: Float[Tensor, "batch others"],
    *,
    temperature: Float[Tensor, ""],
    bias: Float[Tensor, ""],
    left_present: Bool[Tensor, " batch"],
    right_present: Bool[Tensor, " others"],
    weights: Float[Tensor, "batch others"] | None = None,
) -> Float[Tensor, ""]:
    """Compare two views of the same cases: ``-mean log sigmoid(a_uv (t <left_u, right_v> + b))``.

    Shape:
        - ``left``, ``right``: ``(batch, dim)``, rows of length 1; row ``u`` of both is the same
          case. ``right`` may have more cases, those of a memory bank.
        - ``agreement``: ``(batch, others)`` from `label_agreement`; pairs with 0 are left out.
        - ``left_present``, ``right_present``: ``(batch,)``, ``(others,)``, True where the case has
          that view; a case without it is left out of every pair that needs it.
        - ``weights``: ``(batch, others)`` from `pair_weights`; all pairs count the same when not
          given.
        - Output: a scalar; zero, still attached to the graph, when no pair is left.
    """
    counted = left_present[:, None] & right_present[None, :] & (agreement != 0)
    share = counted.to(left.dtype) if weights is None else counted * weights
    total = share.sum()
    left = torch.where(left_present[:, None], left, 0.0)
    right = torch.where(right_present[:, None], right, 0.0)
    if total == 0:
        return (left.sum() + right.sum()) * 0.0
    logits = temperature * (left @ right.T) + bias  # (batch, others)
    return -(share * functional.logsigmoid(agreement * logits)).sum() / total


def views_contrastive_loss(
    views: Float[Tensor, "views batch dim"],
    takes_part: Bool[Tensor, "views batch"],
    agreement: Float[Tensor, "batch batch"],
    *,
    temperature: Float[Tensor, ""],
    bias: Float[Tensor, ""],
    weights: Float[Tensor, "batch batch"] | None = None,
) -> Float[Tensor, ""]:
    """Sum the loss over all pairs of views, single modalities and fused ones.

    Shape:
        - ``views``: ``(views, batch, dim)``; rows are brought to length 1 here.
        - ``takes_part``: ``(views, batch)``, True where the case has the view.
        - Output: a scalar; zero, still attached to the graph, when there is no pair.
    """
    directions = functional.normalize(torch.where(takes_part[..., None], views, 0.0), dim=-1)
    total = directions.sum() * 0.0
    for left, right in combinations(range(len(views)), 2):
        total = total + sigmoid_contrastive_loss(
            directions[left],
            directions[right],
            agreement,
            temperature=temperature,
            bias=bias,
            left_present=takes_part[left],
            right_present=takes_part[right],
            weights=weights,
        )
    return total
