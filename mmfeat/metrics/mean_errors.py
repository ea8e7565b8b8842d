"""Calibration in the large: how much more happened than was predicted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.ranked_cases import Array, ratio

OBSERVED_MINUS_PREDICTED = "observed_minus_predicted"


class MeanErrors:
    """Compute the mean of label minus prediction of each output, and nothing else.

    Of a probability it is the observed share minus the mean prediction: above 0 the model promises
    too little. Of a number it is the mean of what the model falls short by.

    Shape:
        - ``labels``, ``predicted``: ``(cases, outputs)``, labels NaN where unknown.

    Example:
        >>> errors = MeanErrors([[1], [0]], [[0.2], [0.4]], outputs=["yes"])
        >>> float(errors(np.ones((1, 2)))[MetricKey(OBSERVED_MINUS_PREDICTED)][0].round(6))
        0.2
    """

    def __init__(self, labels: ArrayLike, predicted: ArrayLike, *, outputs: Sequence[str]) -> None:
        truth, values = np.asarray(labels, np.float64), np.asarray(predicted, np.float64)
        if truth.shape != values.shape or truth.shape[1:] != (len(outputs),):
            raise ValueError(
                f"expected two arrays (cases, {len(outputs)}), got {truth.shape} and {values.shape}"
            )
        self.n_cases = len(values)
        self._known = (~np.isnan(truth)).astype(np.float64)
        self._errors = np.where(self._known > 0, truth - values, 0.0)
        names = [None] if len(outputs) == 1 else outputs
        self._keys = [MetricKey(OBSERVED_MINUS_PREDICTED, name) for name in names]

    def __call__(self, weights: Array) -> dict[MetricKey, Array]:
        """Return the mean error of each output for each row of case weights: ``(resamples,)``."""
        found = ratio(weights @ self._errors, weights @ self._known)  # (resamples, outputs)
        return dict(zip(self._keys, found.T, strict=True))

    def counts(self, key: MetricKey) -> tuple[int, int | None]:
        """Return the number of cases in which the label is known."""
        return int(self._known[:, self._keys.index(key)].sum()), None

    def reason_undefined(self, key: MetricKey) -> str:  # noqa: ARG002 - the same for all
        """Say why there is none."""
        return "no case with a label"

    def left_out(self, key: MetricKey) -> str | None:  # noqa: ARG002 - each output is by itself
        """Say that nothing is left out."""
        return None
