"""Discrete hazards by logistic regression: one set of coefficients, an intercept per interval."""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray
from scipy.special import expit, logit

from mmfeat.fusion.linear_models.linear_model import LinearModel, row_space
from mmfeat.fusion.linear_models.newton import (
    LARGEST_CURVATURE_FLOP,
    TOLERANCE,
    newton,
    weighted_products,
)

Array = NDArray[np.float64]

_INTERCEPT_PENALTY = 0.1
"""Next to nothing beside ten events; keeps the hazard of an interval without events above zero."""


@dataclass(frozen=True)
class _HazardLoss:
    """Hold cases, the intervals in which they are at risk, and how strongly parameters are pulled.

    Shape:
        - ``features``: ``(cases, width)``; ``at_risk`` and ``events``: ``(cases, intervals)``, 1 or
          0; ``base``: ``(intervals,)``, where intercepts are pulled to.
        - Points and slopes: ``(width + intervals,)``, coefficients and then intercepts.
    """

    features: Array
    at_risk: Array
    events: Array
    base: Array
    shrinkage: float

    def at(self, point: Array) -> tuple[float, Array, Array]:
        """Return the loss, its slope, and the hazards ``(cases, intervals)``."""
        coefficients, intercepts = np.split(point, [self.features.shape[1]])
        logits = (self.features @ coefficients)[:, None] + intercepts
        losses = self.at_risk * np.logaddexp(0.0, logits) - self.events * logits
        hazards = expit(logits)
        errors = self.at_risk * hazards - self.events
        away = intercepts - self.base
        loss = losses.sum() + self.shrinkage * (coefficients @ coefficients) / 2
        slope = self.features.T @ errors.sum(axis=1) + self.shrinkage * coefficients
        of_intercepts = errors.sum(axis=0) + _INTERCEPT_PENALTY * away
        value = float(loss + _INTERCEPT_PENALTY * (away @ away) / 2)
        return value, np.concatenate([slope, of_intercepts]), hazards

    def curvature(self, expected: Array) -> Array:
        """Return ``(width + intervals, width + intervals)``."""
        width, n_intervals = self.features.shape[1], expected.shape[1]
        weights = self.at_risk * expected * (1.0 - expected)
        square = np.empty((width + n_intervals, width + n_intervals))
        square[:width, :width] = weighted_products(self.features, weights.sum(axis=1))
        square[:width, width:] = self.features.T @ weights
        square[width:, :width] = square[:width, width:].T
        square[width:, width:] = np.diag(weights.sum(axis=0) + _INTERCEPT_PENALTY)
        square[np.arange(width), np.arange(width)] += self.shrinkage
        return square


class HazardFitter:
    """Fit proportional odds of the event in each interval, at one penalty after the other.

    The same as logistic regression on one row for each case and interval at risk, with the interval
    as a category and an L2 penalty on the other coefficients only; but the rows are never made.

    Shape:
        - ``features``: ``(cases, width)``.
        - ``labels``: ``(cases, intervals)``, 1 event, 0 survived, NaN not at risk.
    """

    def __init__(self, features: Array, labels: Array) -> None:
        self._basis = row_space(features)
        self._features = features if self._basis is None else features @ self._basis
        self._at_risk = (~np.isnan(labels)).astype(np.float64)
        self._events = np.nan_to_num(labels)
        of_intervals, at_risk = self._events.sum(axis=0), self._at_risk.sum(axis=0)
        # As if each interval had half an event more, and half a case without one.
        self._base = np.asarray(logit((of_intervals + 0.5) / (at_risk + 1.0)))
        self._parameters = np.concatenate([np.zeros(self._features.shape[1]), self._base])

    def fit(self, penalty: float) -> LinearModel:
        """Return the model at a given ``C``, starting from that of the last one."""
        loss = _HazardLoss(self._features, self._at_risk, self._events, self._base, 1.0 / penalty)
        self._parameters = self._least(loss)
        coefficients, intercepts = np.split(self._parameters, [self._features.shape[1]])
        if self._basis is not None:
            coefficients = self._basis @ coefficients
        n_intervals = len(intercepts)
        return LinearModel(np.repeat(coefficients[:, None], n_intervals, axis=1), intercepts)

    def _least(self, loss: _HazardLoss) -> Array:
        n_rows, width = self._features.shape
        if n_rows * width**2 < LARGEST_CURVATURE_FLOP:
            found = newton(loss, self._parameters, tolerance=TOLERANCE * n_rows)
            if found is not None:
                return found

        def value_and_slope(point: Array) -> tuple[float, Array]:
            value, slope, _ = loss.at(point)
            return value, slope

        minimised = scipy.optimize.minimize(
            value_and_slope,
            self._parameters,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 500, "gtol": 1e-6 * max(1.0, self._events.sum()), "ftol": 1e-12},
        )
        return np.asarray(minimised.x, dtype=np.float64)
