"""Harrell's C: how often, of two cases, the one that had the event first was given more risk."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, checked_weights, ratio


def concordance_index(
    times: ArrayLike,
    events: ArrayLike,
    risks: ArrayLike,
    *,
    folds: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> float:
    """Return the share of comparable pairs of one fold that the risks order as they happened.

    A pair is comparable where one case had the event while the other was still followed without
    it: until a later time, or until the same time without an event. Equal risks count one half. NaN
    where no pair is comparable.

    Example:
        >>> concordance_index([1, 2, 3], [1, 0, 1], [0.9, 0.1, 0.3])
        1.0
    """
    folds = np.zeros(np.size(times)) if folds is None else folds
    pairs = ComparablePairs(times, events, risks, folds)
    return float(pairs.concordance(checked_weights(weights, np.size(times)))[0])


class ComparablePairs:
    """Compare the cases of each fold once, for Harrell's C of any number of resamples.

    Shape:
        - ``times``, ``risks``, ``folds``: ``(cases,)``; ``events``: ``(cases,)`` of 0 and 1.
    """

    def __init__(
        self, times: ArrayLike, events: ArrayLike, risks: ArrayLike, folds: ArrayLike
    ) -> None:
        arrays = [np.asarray(one, dtype=np.float64) for one in (times, events, risks)]
        fold_values = np.asarray(folds)
        if len({one.shape for one in [*arrays, fold_values]}) != 1 or fold_values.ndim != 1:
            raise ValueError(
                f"expected four arrays of the same cases, got {[one.shape for one in arrays]} and "
                f"{fold_values.shape}"
            )
        self._folds = [
            (rows, _OfFold(*(one[rows] for one in arrays)))
            for rows in (np.flatnonzero(fold_values == fold) for fold in np.unique(fold_values))
        ]

    def concordance(self, weights: Array) -> Array:
        """Return Harrell's C of each resample: ``(resamples,)``."""
        concordant, pairs = np.zeros((2, len(weights)))
        for rows, of_fold in self._folds:
            found = of_fold.sums(weights[:, rows])
            concordant, pairs = concordant + found[0], pairs + found[1]
        return ratio(concordant, pairs)


class _OfFold:
    """Hold which cases each event is compared with, and which of these are in order."""

    def __init__(self, times: Array, events: Array, risks: Array) -> None:
        self._events: NDArray[np.intp] = np.flatnonzero(events == 1)
        time, risk = times[self._events, None], risks[self._events, None]
        comparable = (times > time) | ((times == time) & (events == 0))  # (events, cases)
        in_order = np.where(risks < risk, 1.0, np.where(risks == risk, 0.5, 0.0))
        # Whole and half numbers: sums of them are exact in float32 up to many millions.
        self._comparable = comparable.T.astype(np.float32)
        self._in_order = (comparable * in_order).T.astype(np.float32)

    def sums(self, weights: Array) -> tuple[Array, Array]:
        """Return the weights of the pairs in order and of all pairs: ``(resamples,)`` each."""
        of_cases = weights.astype(np.float32)
        of_events = weights[:, self._events]
        concordant: Array = (of_events * (of_cases @ self._in_order)).sum(axis=1)
        pairs: Array = (of_events * (of_cases @ self._comparable)).sum(axis=1)
        return concordant, pairs
