"""From logits to probabilities and to the log loss, on arrays."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

Kind = Literal["binary", "multiclass", "multilabel"]


def to_probabilities(logits: NDArray[np.float64], kind: Kind) -> NDArray[np.float64]:
    """Turn logits ``(cases, outputs)`` into probabilities of the same shape.

    Example:
        >>> to_probabilities(np.zeros((1, 4)), "multiclass").tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    probabilities: NDArray[np.float64] = (
        softmax(logits, axis=1) if kind == "multiclass" else expit(logits)
    )
    return probabilities


def log_losses(
    logits: NDArray[np.float64], labels: NDArray[np.float64], kind: Kind
) -> NDArray[np.float64]:
    """Return the log loss of each label, NaN where it is missing.

    Shape:
        - ``logits``: ``(cases, outputs)``.
        - ``labels`` and output: ``(cases, columns)``; one column for multiclass, with the class's
          index.
    """
    known = ~np.isnan(labels)
    filled = np.where(known, labels, 0.0)
    if kind == "multiclass":
        chosen = filled.astype(np.int64)
        losses = -np.take_along_axis(log_softmax(logits, axis=1), chosen, axis=1)
    else:
        losses = np.logaddexp(0.0, logits) - filled * logits
    return np.where(known, losses, np.nan)
