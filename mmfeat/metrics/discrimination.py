"""How well scores tell positive from negative cases."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.ranked_cases import (
    Array,
    Cumulated,
    RankedCases,
    checked_labels_and_scores,
    checked_weights,
    ratio,
)
from mmfeat.metrics.whole_weights import Sums


def auroc(labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the area under the ROC curve; NaN when only one class has weight.

    It is the probability that a positive case scores above a negative one, a tie counting one half.

    Example:
        >>> auroc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
        0.875
    """
    ranked = RankedCases(labels, scores)
    return float(auroc_of(ranked.cumulate(checked_weights(weights, len(ranked.labels))))[0])


def concordance_of(cumulated: Cumulated) -> tuple[Array, Array]:
    """Return the weight of the pairs in the right order, ties half, and of all: ``(resamples,)``.

    A pair is one positive and one negative case.
    """
    before, positive = _at_steps(cumulated)
    negative_before = before.weight - before.positive
    after = np.take(cumulated.weight, cumulated.steps + 1, axis=1) - before.positive - positive
    concordant = np.einsum("rg,rg->r", positive.astype(np.float64), negative_before + after) / 2
    return concordant, cumulated.total_positive * cumulated.total_negative


class _Before(NamedTuple):
    """Sums of weights below each score that a positive case has: ``(resamples, steps)``."""

    weight: Sums
    positive: Sums


def _at_steps(cumulated: Cumulated) -> tuple[_Before, Sums]:
    """Return the sums below the scores of positive cases, and the positive weight at each."""
    before = _Before(
        np.take(cumulated.weight, cumulated.steps, axis=1),
        np.take(cumulated.positive, cumulated.steps, axis=1),
    )
    return before, np.take(cumulated.positive, cumulated.steps + 1, axis=1) - before.positive


def auroc_of(cumulated: Cumulated) -> Array:
    """Return the area under the ROC curve of each resample: ``(resamples,)``."""
    return ratio(*concordance_of(cumulated))


def average_precision(
    labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the area under the precision-recall curve as average precision, without interpolation.

    NaN when no positive or no negative case has weight: a precision without negatives says nothing.

    Example:
        >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
        0.8333
    """
    ranked = RankedCases(labels, scores)
    return float(
        average_precision_of(ranked.cumulate(checked_weights(weights, len(ranked.labels))))[0]
    )


def average_precision_of(cumulated: Cumulated) -> Array:
    """Return the average precision of each resample: ``(resamples,)``."""
    before, positive = _at_steps(cumulated)
    above = cumulated.total[:, None] - before.weight
    positive_above = cumulated.total_positive[:, None] - before.positive
    precision = np.divide(positive_above, above, out=np.zeros_like(above), where=above > 0)
    area = np.einsum("rg,rg->r", positive.astype(np.float64), precision)
    both_classes = cumulated.total > cumulated.total_positive
    return np.where(both_classes, ratio(area, cumulated.total_positive), np.nan)


def balanced_accuracy(
    labels: ArrayLike, scores: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean of sensitivity and specificity, calling a case positive from 0.5 on.

    Example:
        >>> balanced_accuracy([0, 0, 1, 1], [0.1, 0.6, 0.5, 0.9])
        0.75
    """
    label_values, score_values = checked_labels_and_scores(labels, scores)
    rows = checked_weights(weights, len(label_values))
    return float(balanced_accuracy_of_sums(rows @ called_columns(label_values, score_values))[0])


def called_columns(labels: Array, scores: Array) -> Array:
    """Return positive cases, those of them called so at 0.5, negative ones, those not called so.

    Shape:
        - Output: ``(cases, 4)`` of 0 and 1, for sums of weights.
    """
    called = scores >= 0.5
    return np.stack([labels, labels * called, 1 - labels, (1 - labels) * ~called], axis=1)


def balanced_accuracy_of_sums(sums: Array) -> Array:
    """Return the balanced accuracy at 0.5 from sums of `called_columns`: ``(resamples,)``."""
    return (ratio(sums[:, 1], sums[:, 0]) + ratio(sums[:, 3], sums[:, 2])) / 2


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> tuple[Array, Array]:
    """Return false and true positive rates from (0, 0) to (1, 1), a point for each distinct score.

    Raises:
        ValueError: Only one class is there.
    """
    cumulated = RankedCases(labels, scores).cumulate(np.ones((1, np.size(labels))))
    positive, negative = cumulated.positive[0], cumulated.negative[0]
    if positive[-1] == 0 or negative[-1] == 0:
        raise ValueError("a ROC curve needs positive and negative cases")
    return 1 - negative[::-1] / negative[-1], 1 - positive[::-1] / positive[-1]
