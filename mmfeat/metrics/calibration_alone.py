"""The metrics that recalibration changes, without the others."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.calibration import calibration_error_of
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.proper_scores import (
    multiclass_negative_log_likelihood,
    multiclass_squared_error,
    negative_log_likelihood,
)
from mmfeat.metrics.ranked_cases import Array, RankedCases, ratio
from mmfeat.metrics.recalibration import Recalibration
from mmfeat.metrics.whole_weights import Weights, compact

CALIBRATION_METRICS = (
    "ece",
    "calibration_intercept",
    "calibration_slope",
    "brier",
    "log_loss",
)
OF_CLASSES = ("ece", "brier", "log_loss")
"""Those that there are for classes, which sum to 1."""


class _OfOutput:
    """Calibration of one output; ``labels`` and ``probabilities`` are ``(cases,)``."""

    def __init__(self, labels: Array, probabilities: Array, bins: int) -> None:
        self._ranked, self._bins = RankedCases(labels, probabilities), bins
        self._recalibration = Recalibration(self._ranked.labels, self._ranked.scores)
        truth, values = self._ranked.labels, self._ranked.scores
        losses = [(values - truth) ** 2, negative_log_likelihood(truth, values)]
        self._losses = np.stack(losses, axis=1)

    def __call__(self, weights: Array, small: Weights) -> dict[str, Array]:
        cumulated = self._ranked.cumulate(small)
        intercept, slope = self._recalibration(weights).T
        brier, log_loss = ratio(weights @ self._losses, cumulated.total[:, None]).T
        error = calibration_error_of(self._ranked, cumulated, bins=self._bins)
        found = (error, intercept, slope, brier, log_loss)
        return dict(zip(CALIBRATION_METRICS, found, strict=True))


class CalibrationAlone:
    """Compute the calibration of outputs that are each true or not, and its means over them.

    They are those of `BinaryMetrics` and `MultilabelMetrics`, in a fraction of their time.

    Shape:
        - ``labels``, ``probabilities``: ``(cases, outputs)``; labels are 0, 1 or NaN.
    """

    def __init__(
        self,
        labels: ArrayLike,
        probabilities: ArrayLike,
        *,
        outputs: Sequence[str],
        bins: int = 10,
    ) -> None:
        truth, values = np.asarray(labels, np.float64), np.asarray(probabilities, np.float64)
        if truth.shape != values.shape or truth.shape[1:] != (len(outputs),):
            raise ValueError(
                f"expected two arrays (cases, {len(outputs)}), got {truth.shape} and {values.shape}"
            )
        self.n_cases, self._outputs = len(truth), tuple(outputs)
        self._rows = [np.flatnonzero(~np.isnan(column)) for column in truth.T]
        self._of_output = [
            _OfOutput(truth[rows, k], values[rows, k], bins) for k, rows in enumerate(self._rows)
        ]
        self._n_positive = [int(np.nansum(column)) for column in truth.T]
        whole = self._each(np.ones((1, self.n_cases)))
        self._defined = {
            name: [k for k, one in enumerate(whole) if not np.isnan(one[name][0])]
            for name in CALIBRATION_METRICS
        }

    def _each(self, weights: Array) -> list[dict[str, Array]]:
        small = compact(weights)
        return [
            of_output(weights[:, rows], small[:, rows])
            for of_output, rows in zip(self._of_output, self._rows, strict=True)
        ]

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        each = self._each(weights)
        values = {}
        for name in CALIBRATION_METRICS:
            of_outputs = [each[k][name] for k in self._defined[name]]
            undefined = np.full(len(weights), np.nan)
            values[MetricKey(name)] = np.mean(of_outputs, axis=0) if of_outputs else undefined
        if len(self._outputs) > 1:
            for output, of_output in zip(self._outputs, each, strict=True):
                values |= {MetricKey(name, output): one for name, one in of_output.items()}
        return values

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases, and of positive ones where one output is meant."""
        if len(self._outputs) > 1 and key.output is None:
            return self.n_cases, None
        place = 0 if key.output is None else self._outputs.index(key.output)
        return len(self._rows[place]), self._n_positive[place]

    def reason_undefined(self, key: MetricKey) -> str:
        """Say why a metric of all cases is undefined."""
        n_cases, n_positive = self.counts(key)
        if not n_cases:
            return "no case with a label"
        if n_positive in (0, n_cases):
            return f"all {n_cases} cases are {'positive' if n_positive else 'negative'}"
        return f"no {key.metric}: the predictions are constant or separate the classes perfectly"

    def left_out(self, key: MetricKey) -> str | None:
        """Say which outputs the mean leaves out, if it does."""
        if key.output is not None:
            return None
        out = [
            f"`{name}`"
            for k, name in enumerate(self._outputs)
            if k not in self._defined[key.metric]
        ]
        return f"without {', '.join(out)}: undefined there" if out else None


class ClassCalibrationAlone:
    """Compute the calibration of classes: error of the most probable one, Brier score, log loss.

    They are those of `MulticlassMetrics`.

    Shape:
        - ``labels``: ``(cases,)``, index of the class; ``probabilities``: ``(cases, classes)``.
    """

    def __init__(self, labels: ArrayLike, probabilities: ArrayLike, *, bins: int = 10) -> None:
        index, values = np.asarray(labels).astype(np.int64), np.asarray(probabilities, np.float64)
        correct = (values.argmax(axis=1) == index).astype(np.float64)
        self._top, self._bins, self.n_cases = (
            RankedCases(correct, values.max(axis=1)),
            bins,
            len(index),
        )
        losses = [
            multiclass_squared_error(index, values),
            multiclass_negative_log_likelihood(index, values),
        ]
        self._losses = np.stack(losses, axis=1)

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return each metric for each row of case weights: ``(resamples,)`` each."""
        top = self._top.cumulate(compact(weights))
        brier, log_loss = ratio(weights @ self._losses, top.total[:, None]).T
        error = calibration_error_of(self._top, top, bins=self._bins)
        found = (error, brier, log_loss)
        return {MetricKey(name): one for name, one in zip(OF_CLASSES, found, strict=True)}

    def counts(self, key: MetricKey) -> tuple[int, int | None]:  # noqa: ARG002 - the same for all
        """Return the number of cases."""
        return self.n_cases, None

    def reason_undefined(self, key: MetricKey) -> str:  # noqa: ARG002 - there is only one reason
        """Say why it is undefined."""
        return "no case with a label"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - every class counts
        """Say that nothing is left out."""
        return None
