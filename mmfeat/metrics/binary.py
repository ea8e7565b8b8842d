"""All metrics of a yes-or-no prediction."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.calibration import calibration_error_of
from mmfeat.metrics.discrimination import average_precision_of, balanced_accuracy_of
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.proper_scores import negative_log_likelihood, weighted_mean
from mmfeat.metrics.ranked_cases import Array, RankedCases
from mmfeat.metrics.recalibration import Recalibration
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
)


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

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        ranked, labels, scores = self._ranked, self._ranked.labels, self._ranked.scores
        cumulated = ranked.cumulate(weights)
        intercept, slope = self._recalibration(weights).T
        values = {
            "auroc": self._pairs.auroc(weights),
            "auprc": average_precision_of(cumulated),
            "brier": weighted_mean((scores - labels) ** 2, weights),
            "log_loss": weighted_mean(negative_log_likelihood(labels, scores), weights),
            "ece": calibration_error_of(ranked, weights, cumulated, bins=self._bins),
            "calibration_intercept": intercept,
            "calibration_slope": slope,
            "balanced_accuracy": balanced_accuracy_of(labels, scores, weights),
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
