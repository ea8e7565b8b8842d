"""All metrics of several findings, each yes, no or unknown."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.binary import BINARY_METRICS, BinaryMetrics
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array


class MultilabelMetrics:
    """Compute the binary metrics of each label and their plain means over labels.

    Each label counts the cases in which it is known. A label for which a metric is undefined is
    left out of that metric's mean and named in the reason.

    Shape:
        - ``labels``: ``(cases, labels)`` of 0, 1 and NaN; ``probabilities``: ``(cases, labels)``.
        - ``folds``: ``(cases,)``, as for `BinaryMetrics`.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probabilities: ArrayLike,
        *,
        names: Sequence[str],
        folds: ArrayLike | None = None,
        bins: int = 10,
    ) -> None:
        label_values = np.asarray(labels, dtype=np.float64)
        values = np.asarray(probabilities, dtype=np.float64)
        if (
            label_values.ndim != 2
            or label_values.shape != values.shape
            or values.shape[1] != len(names)
        ):
            raise ValueError(
                f"expected two arrays (cases, {len(names)}), got {label_values.shape} "
                f"and {values.shape}"
            )
        self.n_cases = len(values)
        of_case = np.zeros(len(values)) if folds is None else np.asarray(folds)
        self._known = {
            name: np.flatnonzero(~np.isnan(label_values[:, k])) for k, name in enumerate(names)
        }
        self._of_label = {
            name: BinaryMetrics(
                label_values[rows, k], values[rows, k], folds=of_case[rows], bins=bins
            )
            for k, (name, rows) in enumerate(self._known.items())
        }
        whole = {
            name: metrics(np.ones((1, metrics.n_cases))) for name, metrics in self._of_label.items()
        }
        self._defined = {
            metric: [name for name in whole if not np.isnan(whole[name][MetricKey(metric)][0])]
            for metric in BINARY_METRICS
        }

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        of_label = {
            name: self._of_label[name](weights[:, rows]) for name, rows in self._known.items()
        }
        values = {
            MetricKey(metric): self._mean(
                [of_label[name][MetricKey(metric)] for name in self._defined[metric]], len(weights)
            )
            for metric in BINARY_METRICS
        }
        for name, metrics in of_label.items():
            values |= {MetricKey(key.metric, name): value for key, value in metrics.items()}
        return values

    @staticmethod
    def _mean(of_labels: list[Array], n_resamples: int) -> Array:
        # A resample in which one of the labels is undefined has no mean over the same labels: NaN.
        return np.mean(of_labels, axis=0) if of_labels else np.full(n_resamples, np.nan)

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases, and of positive ones for a metric of one label."""
        if key.output is None:
            return self.n_cases, None
        return self._of_label[key.output].counts(key)

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if key.output is not None:
            return self._of_label[key.output].reason_undefined(key)
        return "undefined for every label"

    def left_out(self, key: MetricKey) -> str | None:
        """Say which labels a mean over labels leaves out, if it does."""
        out = [name for name in self._known if name not in self._defined[key.metric]]
        if key.output is not None or not out:
            return None
        return f"without {', '.join(f'`{name}`' for name in out)}: undefined there"
