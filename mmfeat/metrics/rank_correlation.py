"""Spearman's rank correlation of cross-validated predictions: ranks are of one model's cases."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, checked_weights, ratio


def spearman_within_folds(
    truth: ArrayLike, predicted: ArrayLike, folds: ArrayLike, weights: ArrayLike | None = None
) -> float:
    """Return the mean of the folds' rank correlations, weighted by their cases.

    Folds in which one of the two is constant have none and are left out; NaN where all are.

    Example:
        >>> spearman_within_folds([1, 2, 3, 30, 20], [1, 2, 4, 9, 8], [0, 0, 0, 1, 1])
        1.0
    """
    ranks = RanksWithinFolds(np.asarray(truth), np.asarray(predicted), np.asarray(folds))
    return float(ranks.correlation(checked_weights(weights, np.size(truth)))[0])


class RanksWithinFolds:
    """Sort the cases of each fold once, for the rank correlation of any number of resamples."""

    def __init__(
        self, truth: NDArray[np.float64], predicted: NDArray[np.float64], folds: ArrayLike
    ) -> None:
        fold_values = np.asarray(folds)
        rows_of_folds = [np.flatnonzero(fold_values == fold) for fold in np.unique(fold_values)]
        self._folds = [
            (rows, _Ranks(truth[rows]), _Ranks(predicted[rows])) for rows in rows_of_folds
        ]

    def correlation(self, weights: Array) -> Array:
        """Return the rank correlation of each resample: ``(resamples,)``."""
        total, n_cases = np.zeros((2, len(weights)))
        for rows, truth, predicted in self._folds:
            of_fold = weights[:, rows]
            found = _correlation(truth.ranks(of_fold), predicted.ranks(of_fold), of_fold)
            size = np.where(np.isnan(found), 0.0, of_fold.sum(axis=1))
            total, n_cases = total + np.nan_to_num(found) * size, n_cases + size
        return ratio(total, n_cases)


class _Ranks:
    """Give mid-ranks of values, whatever the weights of their cases."""

    def __init__(self, values: Array) -> None:
        _, self._place = np.unique(values, return_inverse=True)
        self._order = np.argsort(self._place, kind="stable")
        places = self._place[self._order]
        self._first = np.searchsorted(places, np.arange(places.max(initial=-1) + 1))

    def ranks(self, weights: Array) -> Array:
        """Return ``(resamples, cases)``: the weight of smaller values, and half of equal ones."""
        if not weights.shape[1]:
            return weights
        at_values = np.add.reduceat(weights[:, self._order], self._first, axis=1)
        middles = np.cumsum(at_values, axis=1) - at_values / 2
        return np.asarray(middles[:, self._place])


def _correlation(left: Array, right: Array, weights: Array) -> Array:
    """Return the weighted correlation of each row: ``(resamples,)``; NaN where one is constant."""
    sums = weights.sum(axis=1, keepdims=True)
    safe = np.where(sums > 0, sums, 1.0)
    left = left - (weights * left).sum(axis=1, keepdims=True) / safe
    right = right - (weights * right).sum(axis=1, keepdims=True) / safe
    spread = (weights * left**2).sum(axis=1) * (weights * right**2).sum(axis=1)
    defined = spread > 1e-12 * safe[:, 0] ** 6
    root = np.sqrt(np.where(defined, spread, 1.0))
    return np.where(defined, (weights * left * right).sum(axis=1) / root, np.nan)
