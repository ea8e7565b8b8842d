"""Sort cases by score once; a rank metric of any resample is then a few sums along the cases."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.whole_weights import Sums, Weights, compact, cumulated_sums

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Cumulated:
    """Hold sums of case weights up to each distinct score, from the lowest; column 0 is zero.

    Shape:
        - ``weight``, ``positive``: ``(resamples, distinct scores + 1)``.
    """

    weight: Sums
    """Of all cases."""
    positive: Sums
    """Of positive cases."""
    ordered: Weights
    """The weights themselves, in the order of the scores: ``(resamples, cases)``."""
    steps: NDArray[np.int64]
    """Distinct scores that a positive case has: ``(steps,)``."""

    @property
    def total(self) -> Array:
        """Return the weight of all cases: ``(resamples,)``."""
        return self.weight[:, -1].astype(np.float64)

    @property
    def total_positive(self) -> Array:
        """Return the weight of the positive cases: ``(resamples,)``."""
        return self.positive[:, -1].astype(np.float64)

    @property
    def total_negative(self) -> Array:
        """Return the weight of the negative cases: ``(resamples,)``."""
        return self.total - self.total_positive

    @cached_property
    def negative(self) -> Sums:
        """Return the sums of the negative cases: ``(resamples, distinct scores + 1)``."""
        return self.weight - self.positive


class RankedCases:
    """Hold binary labels and scores in the order of the scores; equal scores count as one step.

    Shape:
        - ``labels``, ``scores``: ``(cases,)``; labels are 0 or 1, scores are finite.

    Example:
        >>> ranked = RankedCases([0, 1, 1], [0.2, 0.8, 0.2])
        >>> ranked.cumulate(np.ones((1, 3))).positive
        array([[0, 1, 2]], dtype=int32)
    """

    def __init__(self, labels: ArrayLike, scores: ArrayLike) -> None:
        self.labels, self.scores = checked_labels_and_scores(labels, scores)
        self.order = np.argsort(self.scores, kind="stable")
        ordered = self.scores[self.order]
        steps = np.flatnonzero(np.diff(ordered) > 0) + 1
        self.ends = (
            np.concatenate([[0], steps, [len(ordered)]]) if len(ordered) else np.zeros(1, np.int64)
        )
        self._positive = self.labels[self.order].astype(np.uint8)
        places = np.searchsorted(self.ends, np.flatnonzero(self._positive), side="right") - 1
        self._positive_steps = np.unique(places)

    def cumulate(self, weights: Weights) -> Cumulated:
        """Return the sums of weights up to each distinct score.

        Shape:
            - Input: ``(resamples, cases)``, in the order of the cases as given.
        """
        return self.cumulate_ordered(np.take(compact(weights), self.order, axis=1))

    def cumulate_ordered(self, ordered: Weights) -> Cumulated:
        """Return the sums of weights that are in the order of the scores already."""
        return Cumulated(
            weight=self._at_ends(ordered),
            positive=self._at_ends(ordered * self._positive),
            ordered=ordered,
            steps=self._positive_steps,
        )

    def _at_ends(self, ordered: Weights) -> Sums:
        sums = cumulated_sums(ordered)
        return sums if len(self.ends) == sums.shape[1] else sums[:, self.ends]


def checked_labels_and_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[Array, Array]:
    """Return labels and scores as float64 vectors.

    Raises:
        ValueError: Lengths differ, a label is not 0 or 1, or a score is not finite.
    """
    label_values = np.asarray(labels, dtype=np.float64)
    score_values = np.asarray(scores, dtype=np.float64)
    if label_values.ndim != 1 or label_values.shape != score_values.shape:
        raise ValueError(
            f"expected two vectors of one length, got labels {label_values.shape} and "
            f"scores {score_values.shape}"
        )
    if not np.isin(label_values, (0.0, 1.0)).all():
        raise ValueError(f"labels must be 0 or 1, got {np.unique(label_values)[:5]}")
    if not np.isfinite(score_values).all():
        raise ValueError(f"{np.count_nonzero(~np.isfinite(score_values))} scores are not finite")
    return label_values, score_values


def checked_weights(weights: ArrayLike | None, n_cases: int) -> Array:
    """Return weights as ``(resamples, cases)``; one row of ones when None is given."""
    if weights is None:
        return np.ones((1, n_cases))
    values = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if values.shape[1] != n_cases or (values < 0).any():
        raise ValueError(
            f"expected weights of 0 or more for {n_cases} cases, got shape {values.shape}"
        )
    return values


def ratio(numerator: Array, denominator: Array) -> Array:
    """Divide, with NaN (undefined) where the denominator is zero."""
    undefined = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    quotient: Array = np.divide(numerator, denominator, out=undefined, where=denominator != 0)
    return quotient
