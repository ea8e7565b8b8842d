"""Calibration intercept and slope: the logistic recalibration, for all resamples at once."""

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.metrics.ranked_cases import Array, checked_labels_and_scores, checked_weights

_SMALLEST_PROBABILITY = 1e-6
_MAX_STEPS = 30
_TOLERANCE = 1e-8


def calibration_intercept_and_slope(
    labels: ArrayLike, probabilities: ArrayLike, weights: ArrayLike | None = None
) -> tuple[float, float]:
    """Return intercept a and slope b of ``logit P(positive) = a + b * logit(probability)``.

    0 and 1 are perfect; a slope below 1 means predictions that are too extreme. Both are NaN when
    there is no finite maximum of the likelihood: one class only, constant predictions, or perfectly
    separated classes. Probabilities are clipped to [1e-6, 1 - 1e-6].
    """
    label_values, values = checked_labels_and_scores(labels, probabilities)
    rows = checked_weights(weights, len(label_values))
    intercept, slope = Recalibration(label_values, values)(rows)[0]
    return float(intercept), float(slope)


class Recalibration:
    """Fit the recalibration of many resamples by Newton's method, from the fit of all cases."""

    def __init__(self, labels: Array, probabilities: Array) -> None:
        clipped = np.clip(probabilities, _SMALLEST_PROBABILITY, 1 - _SMALLEST_PROBABILITY)
        logits = np.log(clipped) - np.log1p(-clipped)
        self._labels = labels
        # Standardised for the fit: any start is then near, whatever the scale of the predictions.
        self._shift = float(logits.mean()) if len(logits) else 0.0
        self._scale = float(logits.std()) if len(logits) else 0.0
        self._possible = self._scale > 1e-12 and 0 < labels.mean() < 1
        if self._possible:
            self._x = (logits - self._shift) / self._scale
            prevalence = labels.mean()
            null = np.array([[np.log(prevalence / (1 - prevalence)), 0.0]])
            fit = self._newton(np.ones((1, len(labels))), null)
            self._start = np.where(np.isfinite(fit), fit, null)

    def __call__(self, weights: Array) -> Array:
        """Return intercept and slope: ``(resamples, 2)``, NaN where there is no fit."""
        if not self._possible:
            return np.full((len(weights), 2), np.nan)
        fit = self._newton(weights, np.repeat(self._start, len(weights), axis=0))
        slope = fit[:, 1] / self._scale
        return np.stack([fit[:, 0] - slope * self._shift, slope], axis=1)

    def _newton(self, weights: Array, start: Array) -> Array:
        x, labels = self._x, self._labels
        powers = np.stack([np.ones_like(x), x, x * x], axis=1)
        label_sums = weights @ (powers[:, :2] * labels[:, None])  # (resamples, 2)
        fit = start.copy()
        active = np.flatnonzero((label_sums[:, 0] > 0) & (label_sums[:, 0] < weights.sum(axis=1)))
        failed = np.setdiff1d(np.arange(len(weights)), active)
        for _ in range(_MAX_STEPS):
            if not len(active):
                break
            rows = weights if len(active) == len(weights) else weights[active]
            step = self._step(rows, fit[active], powers, label_sums[active])
            fit[active] += step
            lost = ~np.isfinite(step).all(axis=1)
            failed = np.concatenate([failed, active[lost]])
            active = active[~lost & (np.abs(step).max(axis=1) > _TOLERANCE)]
        fit[np.concatenate([failed, active])] = np.nan  # what still moves has no finite maximum
        return fit

    def _step(self, weights: Array, fit: Array, powers: Array, label_sums: Array) -> Array:
        """Return Newton's step: ``(resamples, 2)``, NaN where the curvature is gone."""
        predicted = 1 / (1 + np.exp(-np.clip(fit[:, :1] + fit[:, 1:] * self._x, -500, 500)))
        weighted = weights * predicted
        gradient = label_sums - weighted @ powers[:, :2]
        curvature = (weighted * (1 - predicted)) @ powers  # sums of w p (1 - p) times 1, x, x^2
        zero, one, two = curvature.T
        determinant = zero * two - one * one
        determinant = np.where(
            determinant > 1e-10 * np.maximum(zero * two, 1e-300), determinant, np.nan
        )
        return (
            np.stack(
                [
                    two * gradient[:, 0] - one * gradient[:, 1],
                    zero * gradient[:, 1] - one * gradient[:, 0],
                ],
                axis=1,
            )
            / determinant[:, None]
        )
