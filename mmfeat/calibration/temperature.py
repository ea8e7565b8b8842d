"""Temperature scaling: logits divided by one number, which changes how sure, and not who is first.

After Guo et al., On calibration of modern neural networks (ICML 2017): the number is that of the
smallest log loss on cases that the model did not learn from.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import ArrayLike
from scipy.special import expit, softmax

from mmfeat.calibration.outputs import (
    SMALLEST,
    Array,
    Kind,
    checked_kind,
    checked_pair,
    checked_probabilities,
    has_both,
    in_order_of,
    of_each_output,
)

COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures are not taken beyond: where classes are separated, colder is always better."""


@dataclass(frozen=True)
class Temperature:
    """Divide logits by a temperature: above 1 predictions become less sure, below 1 surer.

    There is one for all classes of a multiclass target, and one for each output of the others.

    Example:
        >>> import numpy as np
        >>> sure = np.array([[0.9], [0.9], [0.9], [0.1]])
        >>> found = Temperature.fit(sure, np.array([[1.0], [1], [0], [0]]), kind="binary")
        >>> bool(found.temperatures[0] > 1), bool(found.apply(sure)[0, 0] < 0.9)
        (True, True)
    """

    kind: Kind
    temperatures: tuple[float, ...]

    @classmethod
    def fit(
        cls, probabilities: ArrayLike, labels: ArrayLike, *, kind: str, spread: float | None = None
    ) -> "Temperature":
        """Find the temperatures of the smallest log loss.

        An output of which the cases have one label only keeps temperature 1.

        Args:
            probabilities: Of models that did not learn from the cases.
            labels: What was the case.
            kind: Kind of the target.
            spread: How far one over the temperature is taken to lie from 1 until cases say more
                (the standard deviation of a normal prior); a small one keeps the temperatures of
                few cases near 1. None: nothing is taken for granted.

        Shape:
            - ``probabilities``: ``(cases, outputs)``.
            - ``labels``: the same, of 0, 1 and NaN where unknown; for classes one 1 in each row.

        Raises:
            ValueError: Arrays or kind are not what they should be.
        """
        known_kind, pair = checked_kind(kind), checked_pair(probabilities, labels)
        if known_kind == "multiclass":
            return cls(known_kind, (_of_classes(*pair, spread),))
        return cls(known_kind, of_each_output(partial(_of_output, spread=spread), pair))

    def apply(self, probabilities: ArrayLike) -> Array:
        """Return recalibrated probabilities: ``(cases, outputs)``."""
        if self.kind == "multiclass":
            values = checked_probabilities(probabilities)
            return np.asarray(softmax(_log(values) / self.temperatures[0], axis=1))
        values = checked_probabilities(probabilities, len(self.temperatures))
        return in_order_of(self.kind, expit(_logit(values) / np.array(self.temperatures)))

    def gain(self, probabilities: ArrayLike, labels: ArrayLike) -> float:
        """Return by how much the log likelihood of cases rises, in nats; see `fit` for the shapes.

        Cases of classes count where the labels of all classes are known.
        """
        values, truth = checked_pair(probabilities, labels)
        rise = _log(self.apply(values)) - _log(values)
        if self.kind == "multiclass":
            known = ~np.isnan(truth).any(axis=1)
            return float((rise * truth)[known].sum())
        rise_of_no = _log(1 - self.apply(values)) - _log(1 - values)
        return float(np.nansum(truth * rise + (1 - truth) * rise_of_no))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, from which `recalibrator_from_json` makes it again."""
        return {
            "method": "temperature",
            "kind": self.kind,
            "temperatures": list(self.temperatures),
        }

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> "Temperature":
        """Make one of what `to_json` gave."""
        return cls(checked_kind(known["kind"]), tuple(map(float, known["temperatures"])))


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, SMALLEST))


def _logit(values: Array) -> Array:
    clipped = np.clip(values, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(clipped) - np.log1p(-clipped))


def _of_output(values: Array, truth: Array, spread: float | None) -> float:
    known = ~np.isnan(truth)
    logits, labels = _logit(values[known]), truth[known]
    if not has_both(labels):
        return 1.0
    return _best_temperature(lambda b: float(((expit(b * logits) - labels) * logits).sum()), spread)


def _of_classes(values: Array, truth: Array, spread: float | None) -> float:
    known = ~np.isnan(truth).any(axis=1)
    logits, labels = _log(values[known]), truth[known]
    if (labels.sum(axis=0) > 0).sum() < 2:
        return 1.0
    return _best_temperature(
        lambda b: float(((softmax(b * logits, axis=1) - labels) * logits).sum()), spread
    )


def _best_temperature(slope_of_loss: Callable[[float], float], spread: float | None) -> float:
    """Return the temperature at which the log loss, convex in its reciprocal, is smallest."""
    precision = 0.0 if spread is None else 1 / spread**2

    def slope(b: float) -> float:
        return slope_of_loss(b) + precision * (b - 1)

    low, high = 1 / HOTTEST, 1 / COLDEST
    if slope(low) >= 0:
        return HOTTEST
    if slope(high) <= 0:
        return COLDEST
    return 1 / float(scipy.optimize.brentq(slope, low, high, xtol=1e-14, rtol=1e-14))
