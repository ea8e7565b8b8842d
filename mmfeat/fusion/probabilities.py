"""From logits to answers and to the loss of each label, on arrays."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

from mmfeat.fusion.task import Task
from mmfeat.losses.kinds import Kind

Array = NDArray[np.float64]


def to_answers(logits: Array, task: Task) -> Array:
    """Turn logits ``(cases, outputs)`` into answers of the same shape.

    Probabilities of classes, labels and intervals; numbers and log hazards as they are.

    Example:
        >>> to_answers(np.zeros((1, 4)), Task.single("multiclass", 4)).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    answers = np.array(logits, dtype=np.float64)
    for part, outputs, _ in task.places():
        if part.kind == "multiclass":
            answers[:, outputs] = softmax(logits[:, outputs], axis=1)
        elif part.kind in ("binary", "multilabel"):
            answers[:, outputs] = expit(logits[:, outputs])
    return answers


def log_losses(logits: Array, labels: Array, task: Task) -> Array:
    """Return the loss of each label, NaN where it is missing; the plain mean is the task's loss.

    Log losses; for regression half the squared error. Of several parts, each one's losses are
    scaled so that the mean over all known labels is the mean of the parts' means by their weights.

    Shape:
        - ``logits``: ``(cases, outputs)``.
        - ``labels`` and output: ``(cases, columns)``; one column for multiclass, with the class's
          index.

    Raises:
        ValueError: A part is cox, whose cases have no loss of their own.
    """
    losses = np.hstack(
        [
            part_losses(logits[:, outputs], labels[:, columns], part.kind)
            for part, outputs, columns in task.places()
        ]
    )
    return losses if len(task.parts) == 1 else losses * _scales(losses, task)


def part_losses(logits: Array, labels: Array, kind: Kind) -> Array:
    """Return the loss of each label of one target, as `log_losses` does."""
    if kind == "cox":
        raise ValueError("cox: a case has no loss of its own")
    known = ~np.isnan(labels)
    filled = np.where(known, labels, 0.0)
    if kind == "multiclass":
        chosen = filled.astype(np.int64)
        losses = -np.take_along_axis(log_softmax(logits, axis=1), chosen, axis=1)
    elif kind == "regression":
        losses = (logits - filled) ** 2 / 2
    else:
        losses = np.logaddexp(0.0, logits) - filled * logits
    return np.where(known, losses, np.nan)


def _scales(losses: Array, task: Task) -> Array:
    known = (~np.isnan(losses)).sum(axis=0).astype(np.float64)
    total = sum(part.weight for part in task.parts)
    scales = np.empty(losses.shape[1])
    for part, _, columns in task.places():
        share = known[columns].sum() / known.sum()
        scales[columns] = part.weight / total / share if share else 0.0
    return scales
