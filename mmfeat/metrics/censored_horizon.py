"""The risk until one horizon, with cases weighted for those whose follow-up ended before."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.event_pairs import EventPairs
from mmfeat.metrics.follow_up import FollowUp
from mmfeat.metrics.ranked_cases import Array, ratio


class CensoredHorizon:
    """Compute the time-dependent AUROC and the Brier score of one horizon.

    AUROC is cumulative/dynamic (Uno et al., JASA 2007; Hung and Chiang, 2010): cases with the event
    by the horizon against cases without it then, where an event counts by one over the share that
    was still followed at its time. Brier is that of Graf et al. (1999).

    NOTE: both are those of scikit-survival, but for follow-up that ends exactly at the horizon.
    Such a case is known to be without the event then, and counts as if it had been followed a
    moment longer; there, it is left out, and a study that ends at the horizon for all has no
    result.

    Shape:
        - ``times``, ``risks``, ``folds``: ``(cases,)``, of the cases of the ``follow_up``.
        - ``status``: ``(cases,)``, 1 where the event came by the horizon, 0 where it did not, NaN
          where follow-up ended before.
    """

    def __init__(
        self,
        follow_up: FollowUp,
        times: ArrayLike,
        *,
        status: ArrayLike,
        risks: ArrayLike,
        horizon: float,
        folds: ArrayLike,
    ) -> None:
        labels, values = np.asarray(status, np.float64), np.asarray(risks, np.float64)
        of_case = np.asarray(times, np.float64)
        self._events = np.flatnonzero(labels == 1)
        self._free = np.flatnonzero(labels == 0)
        self._pairs = EventPairs(values, folds, self._events, self._free)
        self._errors = (1.0 - values[self._events]) ** 2, values[self._free] ** 2
        self._at_horizon = follow_up.before(horizon)
        self._at_events = np.where(
            of_case[self._events] < horizon,
            follow_up.after(of_case[self._events]),
            self._at_horizon,
        )
        self.n_cases, self.n_events = len(self._events) + len(self._free), len(self._events)

    def __call__(self, weights: Array, still_followed: Array) -> tuple[Array, Array]:
        """Return AUROC and Brier score of each resample, NaN where undefined: ``(resamples,)``.

        Shape:
            - ``weights``: ``(resamples, cases)``.
            - ``still_followed``: as the ``follow_up`` gives it for the same weights.
        """
        events = weights[:, self._events] * inverse(still_followed[:, self._at_events])
        free = weights[:, self._free]
        # Of AUROC it makes no difference how cases without the event count: all by the same share.
        auroc = self._pairs.auroc(weights, events)
        at_horizon = still_followed[:, self._at_horizon]
        squared = events @ self._errors[0] + free @ self._errors[1] * inverse(at_horizon)
        brier = ratio(squared, weights.sum(axis=1))
        return auroc, np.where(at_horizon > 0, brier, np.nan)


def inverse(shares: Array) -> Array:
    """Return one over each share; 0 where nobody is left, who then cannot count."""
    return np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)


def mean_auroc(aurocs: Array, event_free: Array) -> Array:
    """Return the mean over horizons, each by the events since the one before: ``(resamples,)``.

    This is scikit-survival's mean, an integral over the fall of the share without the event.

    Shape:
        - ``aurocs``, ``event_free``: ``(resamples, horizons)``.
    """
    events = -np.diff(event_free, prepend=1.0, axis=1)
    return ratio((aurocs * events).sum(axis=1), events.sum(axis=1))


def integrated_brier(briers: Array, horizons: Sequence[float]) -> Array:
    """Return the mean over the time from the first horizon to the last: ``(resamples,)``.

    The score is taken as straight between horizons. NaN where there is one horizon only.

    Shape:
        - ``briers``: ``(resamples, horizons)``.
    """
    if len(horizons) < 2:
        return np.full(len(briers), np.nan)
    area: Array = np.trapezoid(briers, np.asarray(horizons), axis=1)
    return area / (horizons[-1] - horizons[0])
