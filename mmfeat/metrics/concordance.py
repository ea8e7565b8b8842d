"""Harrell's C: how often, of two cases, the one that had the event first was given more risk."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.later_cases import LaterCases
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
    """Compare the cases of each fold once, for the C of any number of resamples.

    Uno's C is that in which a pair counts by the squared inverse of the share that was still
    followed at the time of its event.

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
        times_of, events_of, risks_of = arrays
        self._folds = [
            (rows, LaterCases(times_of[rows], events_of[rows] == 1, risks_of[rows]))
            for rows in (np.flatnonzero(fold_values == fold) for fold in np.unique(fold_values))
        ]

    def concordance(self, weights: Array) -> Array:
        """Return Harrell's C of each resample: ``(resamples,)``."""
        return self.concordances(weights, [None])[0]

    def concordances(self, weights: Array, of_events: Sequence[Array | None]) -> list[Array]:
        """Return the C of each resample for several weightings of the pairs: ``(resamples,)`` each.

        Shape:
            - ``weights``: ``(resamples, cases)``.
            - ``of_events``: each ``(resamples, cases)``, by which the pairs of a case that had the
              event count; None: all alike.
        """
        sums = np.zeros((len(of_events), 2, len(weights)))
        for rows, later in self._folds:
            of_pairs = later(weights[:, rows])  # (events, resamples) each
            events = rows[later.events]
            alike = weights[:, events].T
            for place, extra in enumerate(of_events):
                counted = alike if extra is None else alike * extra[:, events].T
                sums[place] += [np.einsum("er,er->r", counted, one) for one in of_pairs]
        return [ratio(concordant, pairs) for concordant, pairs in sums]
