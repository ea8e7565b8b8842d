"""All metrics of the risk of an event until some horizons, with follow-up that may end before."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.censored_metrics import (
    AUROC_TD,
    BRIER_IPCW,
    C_INDEX,
    INTEGRATED_BRIER,
    OF_HORIZONS,
    UNO_C,
    CensoredMetrics,
)
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.multilabel import MultilabelMetrics
from mmfeat.metrics.ranked_cases import Array

_CENSORED = {one.metric for one in (C_INDEX, UNO_C, *OF_HORIZONS, INTEGRATED_BRIER)}


class SurvivalMetrics:
    """Compute the metrics of risks and of the order of the cases, and their means over horizons.

    `CensoredMetrics` use all cases. The others are those of labels, of the cases whose status at a
    horizon is known: the event came by then, or follow-up lasted until then.

    Shape:
        - ``signed_times``: ``(cases,)``, time to the event, negative where follow-up ended without
          one; NaN where unknown, and not compared.
        - ``risks``: ``(cases,)``, by which cases are ordered.
        - ``status``, ``by_horizon``: ``(cases, horizons)``, whether the event came by then (0, 1 or
          NaN), and its predicted probability.
        - ``names``: ``(horizons,)``, such as ``by 365``, with rising horizons.
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
        self._names = tuple(names)
        self._known = np.flatnonzero(~np.isnan(signed))
        self._censored = CensoredMetrics(
            np.abs(signed[self._known]),
            signed[self._known] >= 0,
            risks=risk_values[self._known],
            folds=of_case[self._known],
            status=np.asarray(status, np.float64)[self._known],
            by_horizon=np.asarray(by_horizon, np.float64)[self._known],
            horizons=[horizon_of(name) for name in names],
        )
        self.n_cases = len(signed)

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        known = weights[:, self._known].astype(np.float64)  # weights may be small whole numbers
        whole, of_horizons = self._censored(known)
        each = {
            MetricKey(key.metric, name): values[:, k]
            for key, values in zip(OF_HORIZONS, of_horizons, strict=True)
            for k, name in enumerate(self._names)
        }
        return {**whole, **self._at_horizons(weights), **each}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases and of events."""
        if key.metric in _CENSORED:
            return self._censored.counts(key, self._place(key))
        return self._at_horizons.counts(key)

    def _place(self, key: MetricKey) -> int | None:
        return None if key.output is None else self._names.index(key.output)

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if key.metric in _CENSORED:
            return self._censored.reason_undefined(key)
        return self._at_horizons.reason_undefined(key)

    def left_out(self, key: MetricKey) -> str | None:
        """Say which horizons a mean over them leaves out, if it does."""
        if key.metric not in _CENSORED:
            return self._at_horizons.left_out(key)
        if key not in (AUROC_TD, BRIER_IPCW):
            return None
        defined = self._censored.defined[key]
        out = [name for k, name in enumerate(self._names) if k not in defined]
        return f"without {', '.join(f'`{name}`' for name in out)}: undefined there" if out else None


def horizon_of(name: str) -> float:
    """Return the horizon in the name of an output.

    Raises:
        ValueError: The name has none.

    Example:
        >>> horizon_of("by 365")
        365.0
    """
    try:
        return float(name.removeprefix("by "))
    except ValueError:
        raise ValueError(f"expected the name of a horizon such as `by 365`, got `{name}`") from None
