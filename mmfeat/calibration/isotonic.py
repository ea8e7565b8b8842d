"""Isotonic regression: the rising steps that come closest to the labels (Zadrozny and Elkan 2002).

Any monotone miscalibration can be undone, for the price of many parameters: with few cases the
steps follow chance. Nobody can be known to have probability 0 or 1 from n cases, so steps stay
between 1 / (n + 2) and (n + 1) / (n + 2), and a log loss is never infinite.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import ArrayLike

from mmfeat.calibration.outputs import (
    Array,
    Kind,
    checked_kind,
    checked_pair,
    checked_probabilities,
    has_both,
    in_order_of,
    of_each_output,
)


@dataclass(frozen=True)
class Steps:
    """Hold a rising function: straight between its points, constant beyond them."""

    at: tuple[float, ...]
    """Probabilities, rising."""
    values: tuple[float, ...]
    """What they become."""

    def __call__(self, probabilities: Array) -> Array:
        """Return the function of each probability: ``(cases,)``."""
        return np.interp(probabilities, self.at, self.values)


_UNCHANGED = Steps((0.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class Isotonic:
    """Give each probability the value of rising steps, fitted for each output.

    Classes are fitted one against the rest and divided by their sum.

    Example:
        >>> import numpy as np
        >>> scores = np.array([[0.1], [0.2], [0.8], [0.9]])
        >>> found = Isotonic.fit(scores, np.array([[0.0], [1], [0], [1]]), kind="binary")
        >>> found.apply(np.array([[0.2], [0.5], [1.0]])).ravel().round(3).tolist()
        [0.5, 0.5, 0.833]
    """

    kind: Kind
    steps: tuple[Steps, ...]

    @classmethod
    def fit(cls, probabilities: ArrayLike, labels: ArrayLike, *, kind: str) -> "Isotonic":
        """Find the steps of the smallest squared error; one label only leaves an output as it is.

        Shape:
            - ``probabilities``: ``(cases, outputs)``.
            - ``labels``: the same, of 0, 1 and NaN where unknown; for classes one 1 in each row.

        Raises:
            ValueError: Arrays or kind are not what they should be.
        """
        pair = checked_pair(probabilities, labels)
        return cls(checked_kind(kind), of_each_output(_steps, pair))

    def apply(self, probabilities: ArrayLike) -> Array:
        """Return recalibrated probabilities: ``(cases, outputs)``."""
        values = checked_probabilities(probabilities, len(self.steps))
        stepped = [steps(values[:, k]) for k, steps in enumerate(self.steps)]
        return in_order_of(self.kind, np.stack(stepped, axis=1))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, from which `recalibrator_from_json` makes it again."""
        return {
            "method": "isotonic",
            "kind": self.kind,
            "steps": [{"at": list(one.at), "values": list(one.values)} for one in self.steps],
        }

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> "Isotonic":
        """Make one of what `to_json` gave."""
        steps = (
            Steps(tuple(map(float, one["at"])), tuple(map(float, one["values"])))
            for one in known["steps"]
        )
        return cls(checked_kind(known["kind"]), tuple(steps))


def _steps(scores: Array, truth: Array) -> Steps:
    known = ~np.isnan(truth)
    labels = truth[known]
    if not has_both(labels):
        return _UNCHANGED
    at, place, counts = np.unique(scores[known], return_inverse=True, return_counts=True)
    shares = np.bincount(place, weights=labels) / counts
    fitted = scipy.optimize.isotonic_regression(shares, weights=counts.astype(np.float64)).x
    fewest = 1 / (len(labels) + 2)
    fitted = np.clip(fitted, fewest, 1 - fewest)
    # Between two points with the value of both there is nothing to know.
    inner = np.ones(len(at), dtype=bool)
    inner[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
    return Steps(tuple(at[inner].tolist()), tuple(fitted[inner].tolist()))
