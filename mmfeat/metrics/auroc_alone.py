"""The AUROC without the other metrics, for curves of many points."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array
from mmfeat.metrics.within_folds import PairsWithinFolds


class AurocAlone:
    """Compute the AUROC within folds, as the mean over the outputs where there are several.

    It is the AUROC of `BinaryMetrics`, `MulticlassMetrics` and `MultilabelMetrics`, in a fraction
    of their time.

    Shape:
        - ``labels``, ``probabilities``: ``(cases, outputs)``; labels are 0, 1, or NaN where
          unknown, and of classes one is 1.
        - ``folds``: ``(cases,)``, which model scored the case.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probabilities: ArrayLike,
        *,
        outputs: Sequence[str],
        folds: ArrayLike,
    ) -> None:
        label_values, values = np.asarray(labels, np.float64), np.asarray(probabilities)
        if label_values.shape != values.shape or values.shape[1:] != (len(outputs),):
            raise ValueError(
                f"expected two arrays (cases, {len(outputs)}), got {label_values.shape} "
                f"and {values.shape}"
            )
        of_case = np.asarray(folds)
        self.n_cases = len(values)
        self._outputs = tuple(outputs)
        self._known = [np.flatnonzero(~np.isnan(column)) for column in label_values.T]
        self._positive = [
            int(column[rows].sum())
            for column, rows in zip(label_values.T, self._known, strict=True)
        ]
        self._pairs = [
            PairsWithinFolds(label_values[rows, k], values[rows, k], of_case[rows])
            for k, rows in enumerate(self._known)
        ]
        whole = [
            pairs.auroc(np.ones((1, len(rows))))[0]
            for pairs, rows in zip(self._pairs, self._known, strict=True)
        ]
        self._defined = np.flatnonzero(~np.isnan(whole)).tolist()

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return the AUROC for each row of case weights: ``(resamples,)``."""
        found = [
            self._pairs[k].auroc(
                weights if len(self._known[k]) == self.n_cases else weights[:, self._known[k]]
            )
            for k in self._defined
        ]
        # A resample in which one of the outputs is undefined has no mean over the same ones: NaN.
        mean = np.mean(found, axis=0) if found else np.full(len(weights), np.nan)
        return {MetricKey("auroc"): mean}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - there is only one
        """Return the number of cases, and of positive ones where there is one output."""
        return self.n_cases, self._positive[0] if len(self._outputs) == 1 else None

    def reason_undefined(self, key: MetricKey) -> str:  # noqa: ARG002 - there is only one
        """Say why the AUROC of all cases is undefined."""
        if not self.n_cases:
            return "no case with a label"
        return "no fold has both positive and negative cases"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - there is only one
        """Say which outputs the mean leaves out, if it does."""
        out = [name for k, name in enumerate(self._outputs) if k not in self._defined]
        return f"without {', '.join(f'`{name}`' for name in out)}: undefined there" if out else None
