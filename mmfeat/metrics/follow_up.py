"""How long cases are followed: Kaplan-Meier curves for any number of resamples."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array


class FollowUp:
    """Estimate who would still be followed, and who would still be without the event.

    Events that share a time with the end of another case's follow-up come first, so the case that
    was only followed until then was at risk of the event.

    Shape:
        - ``times``: ``(cases,)``; ``events``: ``(cases,)``, True where follow-up ended with it.

    Example:
        >>> follow_up = FollowUp([1, 2, 3], [True, False, True])
        >>> still_followed, event_free = follow_up.curves(np.ones((1, 3)))
        >>> still_followed[:, follow_up.after([2.0, 9.0])].tolist()
        [[0.5, 0.5]]
    """

    def __init__(self, times: ArrayLike, events: ArrayLike) -> None:
        self._distinct, place = np.unique(np.asarray(times, np.float64), return_inverse=True)
        self._order = np.argsort(place, kind="stable")
        self._first = np.searchsorted(place[self._order], np.arange(len(self._distinct)))
        self._events = np.asarray(events, dtype=bool)[self._order]

    def after(self, times: ArrayLike) -> NDArray[np.intp]:
        """Return the columns of the curves just after some times."""
        return np.searchsorted(self._distinct, np.asarray(times), side="right")

    def before(self, times: ArrayLike) -> NDArray[np.intp]:
        """Return the columns of the curves just before some times."""
        return np.searchsorted(self._distinct, np.asarray(times), side="left")

    def curves(self, weights: Array) -> tuple[Array, Array]:
        """Return the share still followed if only events ended it, and the share without the event.

        Shape:
            - Input: ``(resamples, cases)``.
            - Output: ``(resamples, distinct times + 1)`` each, 1 in the first column.
        """
        ordered = np.take(weights, self._order, axis=1)
        if not ordered.shape[1]:
            return np.ones((len(weights), 1)), np.ones((len(weights), 1))
        at_time = np.add.reduceat(ordered, self._first, axis=1)
        events = np.add.reduceat(ordered * self._events, self._first, axis=1)
        at_risk = np.cumsum(at_time[:, ::-1], axis=1)[:, ::-1]
        return _product(at_time - events, at_risk - events), _product(events, at_risk)


def _product(lost: Array, at_risk: Array) -> Array:
    """Return the product of the shares that stay, from 1 on."""
    shares = np.divide(lost, at_risk, out=np.zeros_like(lost), where=lost > 0)
    curve = np.ones((len(lost), lost.shape[1] + 1))
    np.cumprod(1.0 - shares, axis=1, out=curve[:, 1:])
    return curve
