"""Pairs of a case with the event by a horizon and one without it then, within folds."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, ratio
from mmfeat.metrics.whole_weights import Weights, compact, cumulated_sums


class EventPairs:
    """Sort the cases without the event by risk once, for the AUROC of any number of resamples.

    It is the AUROC of `PairsWithinFolds`, where only one side has weights that are no whole
    numbers, so that the other one is summed as whole numbers.

    Shape:
        - ``risks``, ``folds``: ``(cases,)``; ``events``, ``free``: row numbers of the two sides.
    """

    def __init__(
        self, risks: Array, folds: ArrayLike, events: NDArray[np.intp], free: NDArray[np.intp]
    ) -> None:
        of_case = np.asarray(folds)
        self._folds = []
        for fold in np.unique(of_case):
            with_event = np.flatnonzero(of_case[events] == fold)
            rows = free[of_case[free] == fold]
            by_risk = rows[np.argsort(risks[rows], kind="stable")]
            below, up_to = (
                np.searchsorted(risks[by_risk], risks[events[with_event]], side)
                for side in ("left", "right")
            )
            self._folds.append((with_event, by_risk, below, up_to))

    def auroc(self, weights: Weights, of_events: Array) -> Array:
        """Return the AUROC of each resample: ``(resamples,)``.

        Shape:
            - ``weights``: ``(resamples, cases)``; ``of_events``: ``(resamples, events)``.
        """
        small = compact(weights)
        concordant, pairs = np.zeros((2, len(weights)))
        for with_event, by_risk, below, up_to in self._folds:
            counted = np.take(of_events, with_event, axis=1)
            sums = cumulated_sums(np.take(small, by_risk, axis=1))
            less = np.take(sums, below, axis=1)
            same = np.take(sums, up_to, axis=1) - less if (up_to > below).any() else 0
            concordant += np.einsum("re,re->r", counted, less + same / 2)
            pairs += counted.sum(axis=1) * sums[:, -1]
        return ratio(concordant, pairs)
