"""Harrell's C without the metrics of horizons, for curves of many points."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.concordance import ComparablePairs
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array


class ConcordanceAlone:
    """Compute Harrell's C within folds, as `SurvivalMetrics` does.

    Shape:
        - ``signed_times``: ``(cases,)``, time to the event, negative where follow-up ended without
          one; NaN where unknown, and not compared.
        - ``risks``, ``folds``: ``(cases,)``.
    """

    def __init__(self, signed_times: ArrayLike, risks: ArrayLike, *, folds: ArrayLike) -> None:
        signed, values = np.asarray(signed_times, np.float64), np.asarray(risks, np.float64)
        self.n_cases = len(signed)
        self._known = np.flatnonzero(~np.isnan(signed))
        times, events = np.abs(signed[self._known]), signed[self._known] >= 0
        of_case = np.asarray(folds)[self._known]
        self._pairs = ComparablePairs(times, events, values[self._known], of_case)
        self.n_events = int(events.sum())

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return Harrell's C for each row of case weights: ``(resamples,)``."""
        return {MetricKey("c_index"): self._pairs.concordance(weights[:, self._known])}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - there is only one
        """Return the number of cases and of events."""
        return len(self._known), self.n_events

    def reason_undefined(self, key: MetricKey) -> str:  # noqa: ARG002 - there is only one
        """Say why there is none."""
        if not self.n_events:
            return f"none of {len(self._known)} cases had the event"
        return "in no fold was a case followed for longer than until another's event"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - there is only one
        """Say that nothing is left out."""
        return None
