"""Minimise a loss of few parameters by Newton's method: a small fit is fast.

Choosing penalties takes hundreds of fits to a few hundred cases each, and there a general minimiser
looks after itself for longer than it computes.
"""

from typing import Protocol, runtime_checkable

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray

Array = NDArray[np.float64]

LARGEST_CURVATURE_FLOP = 3e9
"""Above this, forming the curvature costs more than the many steps of L-BFGS."""
TOLERANCE = 1e-8
"""Of a slope, for each case; from one step to the next the digits that are right double."""
_MOST_STEPS = 100
_MOST_HALVINGS = 30
_LEAST_DECREASE = 1e-4
_ROUNDING = 1e-13


@runtime_checkable
class Loss(Protocol):
    """A convex function of parameters; what is expected at a point is all its curvature needs."""

    def at(self, point: Array) -> tuple[float, Array, Array]:
        """Return the value, its slope in the shape of the point, and the expected values."""

    def curvature(self, expected: Array) -> Array:
        """Return ``(parameters, parameters)``, in the order of the ravelled slope."""


def newton(loss: Loss, start: Array, *, tolerance: float) -> Array | None:
    """Return the point of the least loss, or None if steps do not lead there.

    Args:
        loss: What is to be least.
        start: Where the steps begin.
        tolerance: Ends where no slope is steeper.
    """
    point = start
    with np.errstate(over="ignore", invalid="ignore"):  # of a step that is too long
        value, slope, expected = loss.at(point)
        for _ in range(_MOST_STEPS):
            if np.abs(slope).max() <= tolerance:
                return point
            try:
                factor = scipy.linalg.cho_factor(
                    loss.curvature(expected), overwrite_a=True, check_finite=False
                )
                move = -scipy.linalg.cho_solve(factor, slope.ravel(), check_finite=False)
            except np.linalg.LinAlgError:
                return None
            move = move.reshape(point.shape)
            descent = float((slope * move).sum())
            if -descent <= _ROUNDING * abs(value):
                return np.asarray(point + move)  # so near that its loss would tell nothing
            for halvings in range(_MOST_HALVINGS):
                share = 0.5**halvings
                there = loss.at(point + share * move)
                bound = value + _LEAST_DECREASE * share * descent + _ROUNDING * abs(value)
                if there[0] <= bound:
                    break
            else:
                return None
            point, (value, slope, expected) = point + share * move, there
    return None


def weighted_products(features: Array, weights: Array) -> Array:
    """Return ``(width, width)``: the sum over cases of the products of columns, weighted.

    Args:
        features: ``(cases, width)``.
        weights: ``(cases,)``, not below zero.
    """
    scaled = features * np.sqrt(weights)[:, None]
    return np.asarray(scaled.T @ scaled)  # of one array with itself: half of the work
