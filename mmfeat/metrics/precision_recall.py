"""Precision and recall at every threshold, as a curve."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.ranked_cases import Array


def precision_recall_curve(labels: ArrayLike, scores: ArrayLike) -> tuple[Array, Array]:
    """Return recall and precision at each distinct score, from the highest threshold down.

    The first point has no recall, and the precision of the highest scores.

    Shape:
        - ``labels``, ``scores``: ``(cases,)``; labels are 0 and 1, at least one of them 1.
        - Both results: ``(distinct scores + 1,)``.

    Raises:
        ValueError: There is no positive case.

    Example:
        >>> recall, precision = precision_recall_curve([0, 1, 1], [0.2, 0.9, 0.4])
        >>> recall.tolist(), precision.round(2).tolist()
        ([0.0, 0.5, 1.0, 1.0], [1.0, 1.0, 1.0, 0.67])
    """
    truth = np.asarray(labels, dtype=np.float64)
    values = np.asarray(scores, dtype=np.float64)
    n_positive = truth.sum()
    if not n_positive:
        raise ValueError(f"a precision-recall curve needs a positive case, got {len(truth)} others")
    order = np.argsort(-values, kind="stable")
    is_last = np.append(np.diff(values[order]) != 0, True)  # of the cases with one score
    true_positives = np.cumsum(truth[order])[is_last]
    n_called = np.flatnonzero(is_last) + 1
    precision = true_positives / n_called
    recall = true_positives / n_positive
    return np.append(0.0, recall), np.append(precision[0], precision)
