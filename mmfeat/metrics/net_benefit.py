"""Net benefit: what calling cases positive is worth, in true positives per case.

Vickers and Elkin, Decision curve analysis (Medical Decision Making 2006): whoever acts from a
probability of t on holds a missed case for (1 - t) / t times as bad as a needless treatment.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array, checked_labels_and_scores, ratio


def net_benefit(labels: ArrayLike, probabilities: ArrayLike, threshold: float) -> float:
    """Return ``tp / n - fp / n * t / (1 - t)``, calling a case positive from t on.

    Example:
        >>> net_benefit([1, 0, 0, 1], [0.9, 0.6, 0.1, 0.3], 0.5)
        0.0
    """
    metrics = NetBenefit(labels, probabilities, thresholds=[threshold])
    (value,) = metrics(np.ones((1, metrics.n_cases))).values()
    return float(value[0])


def treat_all(labels: ArrayLike, threshold: float) -> float:
    """Return the net benefit of calling every case positive."""
    return net_benefit(labels, np.ones(np.size(labels)), threshold)


class NetBenefit:
    """Compute the net benefit at some thresholds for any weights of the cases.

    Shape:
        - ``labels``: ``(cases,)`` of 0 and 1; ``probabilities``: ``(cases,)``.
        - ``thresholds``: above 0 and below 1; those of the keys, in their order.
    """

    def __init__(
        self, labels: ArrayLike, probabilities: ArrayLike, *, thresholds: Sequence[float]
    ) -> None:
        truth, values = checked_labels_and_scores(labels, probabilities)
        at = np.asarray(thresholds, dtype=np.float64)
        if not ((at > 0) & (at < 1)).all():
            raise ValueError(f"thresholds must be above 0 and below 1, got {list(thresholds)}")
        self.keys = tuple(MetricKey("net_benefit", f"{threshold:g}") for threshold in thresholds)
        self.n_cases, self.n_positive = len(truth), int(truth.sum())
        worth = np.where(truth[:, None] == 1, 1.0, -at / (1 - at))  # (cases, thresholds)
        self._columns = np.hstack([worth * (values[:, None] >= at), np.ones((len(truth), 1))])

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return the net benefit at each threshold for each row of weights: ``(resamples,)``."""
        sums = weights @ self._columns
        return dict(zip(self.keys, ratio(sums[:, :-1], sums[:, -1:]).T, strict=True))

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - the same for all
        """Return the number of cases and of positive ones."""
        return self.n_cases, self.n_positive

    def reason_undefined(self, key: MetricKey) -> str:  # noqa: ARG002 - there is only one reason
        """Say why it is undefined."""
        return "no case with a label"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - nothing is averaged
        """Say that nothing is left out."""
        return None
