"""Average what several classifiers say, as likelihoods, and return the logits of the average."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid

from mmfeat.fusion.task import Task


def mean_answers(
    logits: Float[Tensor, "answers rows outputs"],
    counted: Bool[Tensor, "answers rows"],
    task: Task,
) -> Float[Tensor, "rows outputs"]:
    """Return logits whose probabilities are the mean of those that count; numbers are averaged.

    Args:
        logits: Of every classifier.
        counted: Which of them count in a row, at least one.
        task: What the logits are of.

    Example:
        >>> both = torch.tensor([[[0.0]], [[2.0]]])
        >>> mean = mean_answers(both, torch.ones(2, 1).bool(), Task.single("binary"))
        >>> torch.testing.assert_close(mean.sigmoid(), both.sigmoid().mean(0))
    """
    share = counted / counted.sum(0)  # (answers, rows)
    log_share = share.log()[..., None]
    means = []
    for part, outputs, _ in task.places():
        of_part = logits[..., outputs]
        if part.kind == "multiclass":
            mean = (log_softmax(of_part, dim=-1) + log_share).logsumexp(0)
        elif part.kind in ("binary", "multilabel"):
            mean = (logsigmoid(of_part) + log_share).logsumexp(0)
            mean = mean - (logsigmoid(-of_part) + log_share).logsumexp(0)
        else:
            mean = torch.where(counted[..., None], of_part, 0.0) * share[..., None]
            mean = mean.sum(0)
        means.append(mean)
    return torch.cat(means, dim=1)
