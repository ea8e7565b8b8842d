"""All metrics of a predicted number."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.rank_correlation import RanksWithinFolds
from mmfeat.metrics.ranked_cases import Array, ratio

REGRESSION_METRICS = ("r2", "mae", "rmse", "spearman")


class RegressionMetrics:
    """Compute the metrics of predicted numbers for any weights of the cases.

    r2 is the share of the variance that is explained: 1 is perfect, 0 is as good as the mean of
    these cases, and worse than that is negative. mae and rmse are in the unit of the number.

    Shape:
        - ``truth``, ``predicted``: ``(cases,)``.
        - ``folds``: ``(cases,)``, which model predicted the case; only the rank correlation, which
          is taken within folds, depends on it.

    Example:
        >>> import numpy as np
        >>> metrics = RegressionMetrics([1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
        >>> float(metrics(np.ones((1, 3)))[MetricKey("mae")][0])
        1.0
    """

    def __init__(
        self, truth: ArrayLike, predicted: ArrayLike, *, folds: ArrayLike | None = None
    ) -> None:
        self._truth = np.asarray(truth, dtype=np.float64)
        values = np.asarray(predicted, dtype=np.float64)
        if self._truth.ndim != 1 or self._truth.shape != values.shape:
            raise ValueError(
                f"expected two arrays (cases,), got {self._truth.shape} and {values.shape}"
            )
        self.n_cases = len(values)
        self._errors = values - self._truth
        of_case = np.zeros(self.n_cases) if folds is None else np.asarray(folds)
        self._ranks = RanksWithinFolds(self._truth, values, of_case)

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        # Away from the mean of all cases, so that little is lost where squares are subtracted.
        away = self._truth - (self._truth.mean() if self.n_cases else 0.0)
        columns = np.stack(
            [np.ones(self.n_cases), away, away**2, self._errors**2, np.abs(self._errors)], axis=1
        )
        sums = weights @ columns  # (resamples, columns)
        mean, second, squared, absolute = ratio(sums[:, 1:], sums[:, :1]).T
        variance = second - mean**2
        variance = np.where(variance > 1e-13 * second, variance, 0.0)
        explained = np.full(len(variance), np.nan)
        np.divide(squared, variance, out=explained, where=variance > 0)
        values = {
            "r2": 1.0 - explained,
            "mae": absolute,
            "rmse": np.sqrt(squared),
            "spearman": self._ranks.correlation(weights),
        }
        return {MetricKey(name): values[name] for name in REGRESSION_METRICS}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - the same for all
        """Return the number of cases; none of them is positive."""
        return self.n_cases, None

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if not self.n_cases:
            return "no case with a known number"
        if key.metric == "r2":
            return f"the number is the same in all {self.n_cases} cases"
        return "the number or its prediction is constant in every fold"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - there is only one output
        """Say that nothing is left out."""
        return None
