"""What is answered of a case of which nothing is known: how often each thing is true."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.task import Task

Array = NDArray[np.float64]


def base_logits(labels: Array, task: Task) -> Array:
    """Return the logits of the base rates, as if each class had half a case more: ``(outputs,)``.

    The mean for regression, and 0 for cox, whose log hazards are about no rate.

    Shape:
        - ``labels``: ``(cases, columns)``, NaN where missing.

    Example:
        >>> base_logits(np.array([[1.0], [0.0], [np.nan]]), Task.single("binary")).tolist()
        [0.0]
    """
    logits = np.zeros(task.n_outputs)
    for part, outputs, columns in task.places():
        of_part = labels[:, columns]
        known = ~np.isnan(of_part)
        if part.kind == "multiclass":
            counts = np.bincount(of_part[known].astype(np.int64), minlength=part.n_outputs)
            logits[outputs] = np.log(counts + 0.5) - np.log(counts.sum() + 0.5 * len(counts))
        elif part.kind in ("binary", "multilabel"):
            true = np.where(known, of_part, 0.0).sum(axis=0)
            logits[outputs] = np.log(true + 0.5) - np.log(known.sum(axis=0) - true + 0.5)
        elif part.kind == "regression" and known.any():
            logits[outputs] = of_part[known].mean()
    return logits
