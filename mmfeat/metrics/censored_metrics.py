"""Metrics of times to an event that use the cases whose follow-up ended early for what they say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.censored_horizon import (
    CensoredHorizon,
    integrated_brier,
    inverse,
    mean_auroc,
)
from mmfeat.metrics.concordance import ComparablePairs
from mmfeat.metrics.follow_up import FollowUp
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array

C_INDEX = MetricKey("c_index")
UNO_C = MetricKey("uno_c")
AUROC_TD = MetricKey("auroc_td")
BRIER_IPCW = MetricKey("brier_ipcw")
INTEGRATED_BRIER = MetricKey("integrated_brier")
OF_HORIZONS = (AUROC_TD, BRIER_IPCW)


class CensoredMetrics:
    """Compute both concordance indices, and the weighted metrics of horizons and their means.

    The share that is still followed, by whose inverse cases are weighted, is estimated from these
    very cases, all folds together, and anew in each resample.

    Shape:
        - ``times``, ``events``, ``risks``, ``folds``: ``(cases,)``, none of them unknown.
        - ``status``, ``by_horizon``: ``(cases, horizons)``, as for `SurvivalMetrics`.
    """

    def __init__(
        self,
        times: Array,
        events: ArrayLike,
        *,
        risks: Array,
        folds: ArrayLike,
        status: Array,
        by_horizon: Array,
        horizons: Sequence[float],
    ) -> None:
        happened = np.asarray(events, dtype=bool)
        self._follow_up = FollowUp(times, happened)
        self._pairs = ComparablePairs(times, happened, risks, folds)
        self._counted = np.flatnonzero(happened & (times < horizons[-1]))  # Uno's C ends there
        self._at_events = self._follow_up.after(times[self._counted])
        self._horizons = tuple(horizons)
        self._at_horizons = self._follow_up.after(horizons)
        self._of_horizons = [
            CensoredHorizon(
                self._follow_up,
                times,
                status=status[:, k],
                risks=by_horizon[:, k],
                horizon=horizon,
                folds=folds,
            )
            for k, horizon in enumerate(horizons)
        ]
        self.n_cases, self.n_events = len(times), int(happened.sum())
        self.n_events_counted = len(self._counted)
        ones = np.ones((1, len(times)))
        whole = self._each(ones, self._follow_up.curves(ones)[0])
        self.defined = {
            key: [k for k in range(len(horizons)) if not np.isnan(values[0, k])]
            for key, values in zip(OF_HORIZONS, whole, strict=True)
        }

    def __call__(self, weights: Array) -> tuple[dict[MetricKey, Array], list[Array]]:
        """Return the metrics of the whole, and those `OF_HORIZONS` of each horizon.

        Shape:
            - Input: ``(resamples, cases)``.
            - Output: ``(resamples,)`` each, and ``(resamples, horizons)`` each.
        """
        still, event_free = self._follow_up.curves(weights)
        by_uno = np.zeros_like(weights)
        by_uno[:, self._counted] = inverse(still[:, self._at_events]) ** 2
        harrell, uno = self._pairs.concordances(weights, [None, by_uno])
        aurocs, briers = self._each(weights, still)
        event_free = event_free[:, self._at_horizons]
        kept, known = self.defined[AUROC_TD], self.defined[BRIER_IPCW]
        whole = {
            C_INDEX: harrell,
            UNO_C: uno,
            AUROC_TD: mean_auroc(aurocs[:, kept], event_free[:, kept]),
            BRIER_IPCW: briers[:, known].mean(axis=1) if known else np.full(len(briers), np.nan),
            INTEGRATED_BRIER: integrated_brier(briers, self._horizons),
        }
        return whole, [aurocs, briers]

    def _each(self, weights: Array, still: Array) -> tuple[Array, Array]:
        found = [horizon(weights, still) for horizon in self._of_horizons]
        aurocs, briers = zip(*found, strict=True)
        return np.stack(aurocs, axis=1), np.stack(briers, axis=1)

    def counts(self, key: MetricKey, place: int | None) -> tuple[int, int]:
        """Return the number of cases and of events behind a metric, of one horizon or of all."""
        if place is not None:
            of_horizon = self._of_horizons[place]
            return of_horizon.n_cases, of_horizon.n_events
        return self.n_cases, self.n_events_counted if key == UNO_C else self.n_events

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of the whole or of a horizon is undefined."""
        if not self.n_events:
            return f"none of {self.n_cases} cases had the event"
        if key.metric == AUROC_TD.metric:
            return "no fold has both a case with the event by then and one followed until then"
        if key.metric == BRIER_IPCW.metric:
            return "no case is followed until then"
        if key == INTEGRATED_BRIER and len(self._horizons) < 2:
            return "an integral over time needs two horizons or more"
        if key == INTEGRATED_BRIER:
            return "no case is followed until the last horizon"
        before = f" before {self._horizons[-1]:g}" if key == UNO_C else ""
        return f"in no fold was a case followed for longer than until another's event{before}"
