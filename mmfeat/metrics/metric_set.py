"""What a set of metrics of one target is: values for any weights of its cases."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from mmfeat.metrics.ranked_cases import Array


class MetricKey(NamedTuple):
    """Name a metric of a whole target, or of one of its outputs (a class or a label)."""

    metric: str
    output: str | None = None


class MetricSet(Protocol):
    """Compute all metrics of one target's predictions."""

    n_cases: int

    def __call__(self, weights: Array) -> Mapping[MetricKey, Array]:
        """Return each metric for each row of case weights, NaN where it is undefined.

        Shape:
            - Input: ``(resamples, cases)``. Output: ``(resamples,)`` each.
        """
        ...

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases behind a metric, and of positive ones where there are such."""
        ...

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined; asked only where it is."""
        ...

    def left_out(self, key: MetricKey) -> str | None:
        """Say which classes or labels a mean over them leaves out, if it does."""
        ...
