"""Discrete hazards by logistic regression: one set of coefficients, an intercept per interval."""

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray
from scipy.special import expit, logit

from mmfeat.fusion.linear_models.linear_model import LinearModel, row_space

Array = NDArray[np.float64]

_INTERCEPT_PENALTY = 0.1
"""Next to nothing beside ten events; keeps the hazard of an interval without events above zero."""


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
        width = self._features.shape[1]
        found = scipy.optimize.minimize(
            self._loss_and_slope,
            self._parameters,
            args=(1.0 / penalty,),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 500, "gtol": 1e-6 * max(1.0, self._events.sum()), "ftol": 1e-12},
        )
        self._parameters = np.asarray(found.x, dtype=np.float64)
        coefficients, intercepts = np.split(self._parameters, [width])
        if self._basis is not None:
            coefficients = self._basis @ coefficients
        n_intervals = len(intercepts)
        return LinearModel(np.repeat(coefficients[:, None], n_intervals, axis=1), intercepts)

    def _loss_and_slope(self, parameters: Array, shrinkage: float) -> tuple[float, Array]:
        coefficients, intercepts = np.split(parameters, [self._features.shape[1]])
        logits = (self._features @ coefficients)[:, None] + intercepts  # (cases, intervals)
        losses = self._at_risk * np.logaddexp(0.0, logits) - self._events * logits
        errors = self._at_risk * expit(logits) - self._events
        away = intercepts - self._base
        loss = losses.sum() + shrinkage * (coefficients @ coefficients) / 2
        slope = self._features.T @ errors.sum(axis=1) + shrinkage * coefficients
        return float(loss + _INTERCEPT_PENALTY * (away @ away) / 2), np.concatenate(
            [slope, errors.sum(axis=0) + _INTERCEPT_PENALTY * away]
        )
