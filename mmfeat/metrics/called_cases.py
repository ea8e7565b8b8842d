"""How well cases are called positive or negative, once it is said which are called so."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array, ratio

CALLED_METRICS = ("sensitivity", "specificity", "ppv", "npv", "f1", "balanced_accuracy")
_OF_ONE_CLASS = {
    "sensitivity": "no case is positive",
    "specificity": "no case is negative",
    "ppv": "no case is called positive",
    "npv": "no case is called negative",
    "f1": "no case is positive or called so",
    "balanced_accuracy": "all cases are of one class",
}


class CalledMetrics:
    """Compute sensitivity, specificity, predictive values, F1 and balanced accuracy.

    F1 is the harmonic mean of sensitivity and positive predictive value, 2 tp / (2 tp + fp + fn).

    Shape:
        - ``labels``: ``(cases,)`` of 0 and 1, NaN where unknown: not counted.
        - ``called``: ``(cases,)`` of 0 and 1, NaN where nothing was called: not counted.

    Example:
        >>> metrics = CalledMetrics([1, 1, 0, 0], [1, 0, 0, 1])
        >>> metrics.confusion
        {'tp': 1, 'fp': 1, 'fn': 1, 'tn': 1}
    """

    def __init__(self, labels: ArrayLike, called: ArrayLike) -> None:
        truth, calls = np.asarray(labels, np.float64), np.asarray(called, np.float64)
        if truth.ndim != 1 or truth.shape != calls.shape:
            raise ValueError(
                f"expected two vectors of one length, got {truth.shape} and {calls.shape}"
            )
        self.n_cases = len(truth)
        known = ~np.isnan(truth) & ~np.isnan(calls)
        positive, negative = known & (truth == 1), known & (truth == 0)
        yes, no = calls == 1, calls == 0
        self._columns = np.stack(
            [positive & yes, negative & yes, positive & no, negative & no], axis=1
        ).astype(np.float64)
        self.n_counted = int(known.sum())

    @property
    def confusion(self) -> dict[str, int]:
        """Return true and false positives, false and true negatives."""
        counts = self._columns.sum(axis=0)
        return {
            name: int(count) for name, count in zip(("tp", "fp", "fn", "tn"), counts, strict=True)
        }

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        tp, fp, fn, tn = (weights @ self._columns).T
        sensitivity, specificity = ratio(tp, tp + fn), ratio(tn, tn + fp)
        values = {
            "sensitivity": sensitivity,
            "specificity": specificity,
            "ppv": ratio(tp, tp + fp),
            "npv": ratio(tn, tn + fn),
            "f1": ratio(2 * tp, 2 * tp + fp + fn),
            "balanced_accuracy": (sensitivity + specificity) / 2,
        }
        return {MetricKey(name): values[name] for name in CALLED_METRICS}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - the same for all
        """Return the number of cases that are counted, and of positive ones."""
        confusion = self.confusion
        return self.n_counted, confusion["tp"] + confusion["fn"]

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        return _OF_ONE_CLASS[key.metric] if self.n_counted else "no case with a label"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - nothing is averaged
        """Say that nothing is left out."""
        return None
