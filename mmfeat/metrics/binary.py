"""All metrics of a yes-or-no prediction."""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.calibration import calibration_error_of
from mmfeat.metrics.discrimination import (
    average_precision_of,
    balanced_accuracy_of_sums,
    called_columns,
)
from mmfeat.metrics.fixed_rates import (
    sensitivity_at_specificity_of,
    specificity_at_sensitivity_of,
)
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.proper_scores import negative_log_likelihood
from mmfeat.metrics.ranked_cases import Array, RankedCases, ratio
from mmfeat.metrics.recalibration import FEW_RESAMPLES, Recalibration
from mmfeat.metrics.whole_weights import compact
from mmfeat.metrics.within_folds import PairsWithinFolds

BINARY_METRICS = (
    "auroc",
    "auprc",
    "brier",
    "log_loss",
    "ece",
    "calibration_intercept",
    "calibration_slope",
    "balanced_accuracy",
    "sensitivity_at_specificity_90",
    "sensitivity_at_specificity_95",
    "specificity_at_sensitivity_90",
    "specificity_at_sensitivity_95",
)
_RATES = np.array([0.9, 0.95])


class BinaryMetrics:
    """Compute the metrics of binary predictions for any weights of the cases.

    Shape:
        - ``labels``: ``(cases,)`` of 0 and 1; ``probabilities``: ``(cases,)``.
        - ``folds``: ``(cases,)``, which model scored the case; the AUROC compares cases of one fold
          only (see `auroc_within_folds`). None: one model scored them all.

    Example:
        >>> import numpy as np
        >>> metrics = BinaryMetrics([0, 1, 1], [0.2, 0.7, 0.4])
        >>> float(metrics(np.ones((1, 3)))[MetricKey("auroc")][0])
        1.0
    """

    def __init__(
        self,
        labels: ArrayLike,
        probabilities: ArrayLike,
        *,
        folds: ArrayLike | None = None,
        bins: int = 10,
    ) -> None:
        folds = np.zeros(np.size(labels)) if folds is None else folds
        self._pairs = PairsWithinFolds(labels, probabilities, folds)
        self._ranked = RankedCases(labels, probabilities)
        self._recalibration = Recalibration(self._ranked.labels, self._ranked.scores)
        self._bins = bins
        self.n_cases = len(self._ranked.labels)
        self.n_positive = int(self._ranked.labels.sum())

    @cached_property
    def _columns(self) -> Array:
        """What weighted sums are wanted of: ``(cases, columns)``."""
        labels, scores = self._ranked.labels, self._ranked.scores
        losses = [(scores - labels) ** 2, negative_log_likelihood(labels, scores)]
        return np.hstack([called_columns(labels, scores), np.stack(losses, axis=1)])

    @cached_property
    def _all_columns(self) -> Array:
        """The same, and those of the recalibration of many resamples."""
        return np.hstack([self._columns, self._recalibration.columns])

    def _summed(self, weights: Array) -> tuple[Array, Array]:
        """Return the sums of `_columns`, and intercept and slope, of each resample."""
        if len(weights) < FEW_RESAMPLES:
            return weights @ self._columns, self._recalibration(weights)
        sums, own = weights @ self._all_columns, self._columns.shape[1]
        return sums[:, :own], self._recalibration.from_sums(sums[:, own:], weights)

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        small = compact(weights)
        cumulated = self._ranked.cumulate(small)
        sums, (intercept, slope) = (one.T for one in self._summed(weights))
        sensitivity = sensitivity_at_specificity_of(cumulated, _RATES)
        specificity = specificity_at_sensitivity_of(cumulated, _RATES)
        values = {
            "auroc": self._pairs.auroc(small),
            "auprc": average_precision_of(cumulated),
            "brier": ratio(sums[4], cumulated.total),
            "log_loss": ratio(sums[5], cumulated.total),
            "ece": calibration_error_of(self._ranked, cumulated, bins=self._bins),
            "calibration_intercept": intercept,
            "calibration_slope": slope,
            "balanced_accuracy": balanced_accuracy_of_sums(sums[:4].T),
            "sensitivity_at_specificity_90": sensitivity[:, 0],
            "sensitivity_at_specificity_95": sensitivity[:, 1],
            "specificity_at_sensitivity_90": specificity[:, 0],
            "specificity_at_sensitivity_95": specificity[:, 1],
        }
        return {MetricKey(name): values[name] for name in BINARY_METRICS}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - the same for all
        """Return the number of cases and of positive ones."""
        return self.n_cases, self.n_positive

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if self.n_cases == 0:
            return "no case with a label"
        if self.n_positive == 0:
            return f"all {self.n_cases} cases are negative"
        if self.n_positive == self.n_cases:
            return f"all {self.n_cases} cases are positive"
        if key.metric == "auroc":
            return "no fold has both positive and negative cases"
        return f"no {key.metric}: the predictions are constant or separate the classes perfectly"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - there is only one output
        """Say that nothing is left out."""
        return None
