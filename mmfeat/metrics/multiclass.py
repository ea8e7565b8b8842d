"""All metrics of a one-of-several-classes prediction."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.calibration import calibration_error_of
from mmfeat.metrics.discrimination import average_precision_of
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.proper_scores import (
    multiclass_negative_log_likelihood,
    multiclass_squared_error,
    weighted_mean,
)
from mmfeat.metrics.ranked_cases import Array, RankedCases, ratio
from mmfeat.metrics.whole_weights import compact
from mmfeat.metrics.within_folds import PairsWithinFolds


class MulticlassMetrics:
    """Compute the metrics of class probabilities for any weights of the cases.

    AUROC and AUPRC are one class against the rest, for each class and as the plain mean over them;
    ECE is that of the most probable class. A class that no case has is left out of the means and
    named in the reason.

    Shape:
        - ``labels``: ``(cases,)``, index of the class; ``probabilities``: ``(cases, classes)``.
        - ``folds``: ``(cases,)``, as for `BinaryMetrics`.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probabilities: ArrayLike,
        *,
        classes: Sequence[str],
        folds: ArrayLike | None = None,
        bins: int = 10,
    ) -> None:
        label_values, values = np.asarray(labels), np.asarray(probabilities, dtype=np.float64)
        if values.shape != (len(label_values), len(classes)):
            raise ValueError(
                f"expected ({len(label_values)}, {len(classes)}) values, got {values.shape}"
            )
        if not np.isin(label_values, np.arange(len(classes))).all():
            raise ValueError(
                f"labels must be 0 to {len(classes) - 1}, got {np.unique(label_values)}"
            )
        index = label_values.astype(np.int64)
        self._classes, self._bins = tuple(classes), bins
        self._member = np.eye(len(classes))[index]  # (cases, classes)
        self._correct = (values.argmax(axis=1) == index).astype(np.float64)
        self._ranked = [RankedCases(self._member[:, k], values[:, k]) for k in range(len(classes))]
        folds = np.zeros(len(index)) if folds is None else folds
        self._pairs = [
            PairsWithinFolds(self._member[:, k], values[:, k], folds) for k in range(len(classes))
        ]
        self._top = RankedCases(self._correct, values.max(axis=1))
        self._losses = np.stack(
            [
                multiclass_squared_error(index, values),
                multiclass_negative_log_likelihood(index, values),
            ]
        )
        self.n_cases = len(index)
        self.class_counts = tuple(int(count) for count in self._member.sum(axis=0))

    @property
    def _defined(self) -> list[int]:
        return [k for k, count in enumerate(self.class_counts) if 0 < count < self.n_cases]

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        small = compact(weights)
        class_values = {
            name: np.full((len(weights), len(self._classes)), np.nan) for name in ("auroc", "auprc")
        }
        for k in self._defined:
            class_values["auroc"][:, k] = self._pairs[k].auroc(small)
            class_values["auprc"][:, k] = average_precision_of(self._ranked[k].cumulate(small))
        top = self._top.cumulate(small)
        values = {
            MetricKey(name): self._mean(of_classes) for name, of_classes in class_values.items()
        }
        values |= {
            MetricKey("brier"): weighted_mean(self._losses[0], weights),
            MetricKey("log_loss"): weighted_mean(self._losses[1], weights),
            MetricKey("ece"): calibration_error_of(self._top, top, bins=self._bins),
            MetricKey("balanced_accuracy"): self._balanced_accuracy(weights),
        }
        for k, name in enumerate(self._classes):
            values |= {
                MetricKey(metric, name): class_values[metric][:, k] for metric in class_values
            }
        return values

    def _mean(self, of_classes: Array) -> Array:
        # A resample that lost a class has no mean over the same classes, so it stays NaN.
        if not self._defined:
            return np.full(len(of_classes), np.nan)
        mean: Array = of_classes[:, self._defined].mean(axis=1)
        return mean

    def _balanced_accuracy(self, weights: Array) -> Array:
        recall = ratio(weights @ (self._member * self._correct[:, None]), weights @ self._member)
        seen = [k for k, count in enumerate(self.class_counts) if count > 0]
        return recall[:, seen].mean(axis=1) if len(seen) > 1 else np.full(len(weights), np.nan)

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases, and of those of the class for a metric of one class."""
        if key.output is None:
            return self.n_cases, None
        return self.n_cases, self.class_counts[self._classes.index(key.output)]

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        if self.n_cases == 0:
            return "no case with a label"
        if key.output is None:
            return f"all {self.n_cases} cases are of one class"
        return f"{self.counts(key)[1]} of {self.n_cases} cases are `{key.output}`"

    def left_out(self, key: MetricKey) -> str | None:
        """Say which classes a mean over classes leaves out, if it does."""
        absent = [
            name for name, count in zip(self._classes, self.class_counts, strict=True) if count == 0
        ]
        if (
            key.output is not None
            or not absent
            or key.metric not in ("auroc", "auprc", "balanced_accuracy")
        ):
            return None
        return f"without {', '.join(f'`{name}`' for name in absent)}: no case has it"
