"""The metrics of some of the cases, on resamples of all of them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics.metric_set import MetricKey, MetricSet
from mmfeat.metrics.ranked_cases import Array


class PartOfCases:
    """Compute the metrics of a group of cases, so that groups are compared on the same resamples.

    A patient may have cases in several groups; her draws move all of them together.

    Example:
        >>> from mmfeat.metrics.binary import BinaryMetrics
        >>> of_group = BinaryMetrics([0, 1], [0.2, 0.7])
        >>> part = PartOfCases(of_group, np.array([0, 2]), n_cases=3)
        >>> float(part(np.ones((1, 3)))[MetricKey("auroc")][0])
        1.0
    """

    def __init__(self, metrics: MetricSet, rows: NDArray[np.int64], *, n_cases: int) -> None:
        if metrics.n_cases != len(rows):
            raise ValueError(f"metrics of {metrics.n_cases} cases, but {len(rows)} rows")
        self._metrics, self._rows, self.n_cases = metrics, rows, n_cases

    def __call__(self, weights: Array) -> Mapping[MetricKey, Array]:
        """Return each metric for each row of weights of all cases: ``(resamples,)`` each."""
        return self._metrics(weights[:, self._rows])

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of the group's cases, and of positive ones."""
        return self._metrics.counts(key)

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of the group is undefined."""
        return self._metrics.reason_undefined(key)

    def left_out(self, key: MetricKey) -> str | None:
        """Say what a mean leaves out, if it does."""
        return self._metrics.left_out(key)
