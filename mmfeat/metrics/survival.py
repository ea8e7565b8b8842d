"""All metrics of the risk of an event until some horizons, with follow-up that may end before."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.concordance import ComparablePairs
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.multilabel import MultilabelMetrics
from mmfeat.metrics.ranked_cases import Array

C_INDEX = MetricKey("c_index")


class SurvivalMetrics:
    """Compute Harrell's C, and the metrics of each horizon's risk and their means.

    A horizon counts the cases whose status then is known: the event came by then, or follow-up
    lasted until then.

    Shape:
        - ``signed_times``: ``(cases,)``, time to the event, negative where follow-up ended without
          one; NaN where unknown, and not compared.
        - ``risks``: ``(cases,)``, by which cases are ordered.
        - ``status``, ``by_horizon``: ``(cases, horizons)``, whether the event came by then (0, 1 or
          NaN), and its predicted probability.
        - ``folds``: ``(cases,)``, as for `BinaryMetrics`.
    """

    def __init__(
        self,
        signed_times: ArrayLike,
        risks: ArrayLike,
        *,
        status: ArrayLike,
        by_horizon: ArrayLike,
        names: Sequence[str],
        folds: ArrayLike | None = None,
        bins: int = 10,
    ) -> None:
        signed, risk_values = np.asarray(signed_times, np.float64), np.asarray(risks, np.float64)
        of_case = np.zeros(len(signed)) if folds is None else np.asarray(folds)
        self._at_horizons = MultilabelMetrics(
            status, by_horizon, names=names, folds=of_case, bins=bins
        )
        self._known = np.flatnonzero(~np.isnan(signed))
        times, events = np.abs(signed[self._known]), signed[self._known] >= 0
        self._pairs = ComparablePairs(times, events, risk_values[self._known], of_case[self._known])
        self.n_cases = len(signed)
        self.n_events = int(events.sum())

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        concordance = self._pairs.concordance(weights[:, self._known])
        return {C_INDEX: concordance, **self._at_horizons(weights)}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases and of events."""
        if key == C_INDEX:
            return len(self._known), self.n_events
        return self._at_horizons.counts(key)

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if key != C_INDEX:
            return self._at_horizons.reason_undefined(key)
        if not self.n_events:
            return f"none of {len(self._known)} cases had the event"
        return "in no fold was a case followed for longer than until another's event"

    def left_out(self, key: MetricKey) -> str | None:
        """Say which horizons a mean over them leaves out, if it does."""
        return None if key == C_INDEX else self._at_horizons.left_out(key)
