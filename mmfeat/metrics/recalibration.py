"""Calibration intercept and slope: the logistic recalibration, for all resamples at once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array, checked_labels_and_scores, checked_weights
from mmfeat.metrics.sigmoid_series import REACH, SigmoidSeries

_SMALLEST_PROBABILITY = 1e-6
_MAX_STEPS = 30
_NEAR, _TOLERANCE = 1e-3, 1e-5
"""Of the last step, in single and in double precision; errors of a fit are about its square."""
_FEW_CASES = 500
"""So few cases are added up faster than the terms of a series."""
FEW_RESAMPLES = 8
"""Fewer fits than this are made one by one: what makes many fast takes longer than they do."""


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
        # Brought to -1 to 1 for the fit: any start is then near, whatever the scale.
        low, high = (logits.min(), logits.max()) if len(logits) else (0.0, 0.0)
        self._shift, self._scale = float(low + high) / 2, float(high - low) / 2
        self._possible = self._scale > 1e-12 and 0 < labels.mean() < 1
        if self._possible:
            self._x = (logits - self._shift) / self._scale
            prevalence = labels.mean()
            null = np.array([[np.log(prevalence / (1 - prevalence)), 0.0]])
            fit = self._newton(np.ones((1, len(labels))), null)
            self._start = np.where(np.isfinite(fit), fit, null)
            self._has_fit = bool(np.isfinite(fit).all())

    @cached_property
    def _series(self) -> SigmoidSeries | None:
        """What makes many fits fast; None where all cases have no fit to start from."""
        if not self._possible or not self._has_fit or len(self._labels) < _FEW_CASES:
            return None
        return SigmoidSeries(self._x, self._start[0])

    @cached_property
    def columns(self) -> Array:
        """Return what weighted sums are wanted of for many fits at once: ``(cases, columns)``."""
        if self._series is None:
            return np.empty((len(self._labels), 0))
        label_columns = self._labels[:, None] * np.stack([np.ones_like(self._x), self._x], axis=1)
        return np.hstack([label_columns, self._series.columns])

    def __call__(self, weights: Array) -> Array:
        """Return intercept and slope: ``(resamples, 2)``, NaN where there is no fit."""
        if len(weights) >= FEW_RESAMPLES:
            return self.from_sums(weights @ self.columns, weights)
        if not self._possible:
            return np.full((len(weights), 2), np.nan)
        return self._to_logits(self._newton(weights, np.repeat(self._start, len(weights), axis=0)))

    def from_sums(self, sums: Array, weights: Array) -> Array:
        """Return intercept and slope, given ``weights @ columns``: ``(resamples, 2)``.

        Fits near that of all cases are made of the sums, those further away of the weights.
        """
        if not self._possible:
            return np.full((len(weights), 2), np.nan)
        if self._series is None:
            return self._to_logits(
                self._newton(weights, np.repeat(self._start, len(weights), axis=0))
            )
        fit = self._by_series(self._series, sums)
        with np.errstate(invalid="ignore"):
            far = np.flatnonzero(~(np.abs(fit - self._start).sum(axis=1) <= REACH))
        if len(far):
            start = np.where(np.isfinite(fit[far]), fit[far], self._start)
            fit[far] = self._newton(weights[far], start)
        return self._to_logits(fit)

    def _to_logits(self, fit: Array) -> Array:
        """Return intercept and slope of logits as they are given."""
        slope = fit[:, 1] / self._scale
        return np.stack([fit[:, 0] - slope * self._shift, slope], axis=1)

    def _by_series(self, series: SigmoidSeries, sums: Array) -> Array:
        """Return the fits by the series, which are true only where they lie near the start."""
        terms = series.terms(sums[:, 2:])

        def balance(fit: Array, active: NDArray[np.int64]) -> tuple[Array, Array]:
            values, slopes = series.sums(terms[active], fit - self._start)
            return sums[active, :2] - values, slopes

        start = np.repeat(self._start, len(sums), axis=0)
        return _solve(balance, start, np.arange(len(sums)))

    def _newton(self, weights: Array, start: Array) -> Array:
        powers = np.stack([np.ones_like(self._x), self._x, self._x**2], axis=1)
        label_sums = weights @ (powers[:, :2] * self._labels[:, None])  # (resamples, 2)
        sums = weights @ powers
        both = np.flatnonzero((label_sums[:, 0] > 0) & (label_sums[:, 0] < sums[:, 0]))

        def solve(dtype: type[np.floating[Any]], start: Array, tolerance: float) -> Array:
            balance = _Balance(weights.astype(dtype), powers.astype(dtype), label_sums)
            return _solve(balance, start, both, tolerance=tolerance)

        # Single precision takes a quarter of the time for most of the way.
        near = solve(np.float32, start, _NEAR)
        return solve(np.float64, np.where(np.isfinite(near), near, start), _TOLERANCE)


class _Balance:
    """Gradients and curvatures of some of the fits, in the precision of the weights."""

    def __init__(self, weights: NDArray[Any], powers: NDArray[Any], label_sums: Array) -> None:
        self._weights, self._powers, self._label_sums = weights, powers, label_sums
        # For all steps: to allocate such arrays takes as long as to fill them.
        self._predicted, self._weighted = np.empty_like(weights), np.empty_like(weights)

    def __call__(self, fit: Array, active: NDArray[np.int64]) -> tuple[Array, Array]:
        powers, weights = self._powers, self._weights
        rows = weights if len(active) == len(weights) else weights[active]
        predicted, weighted = self._predicted[: len(active)], self._weighted[: len(active)]
        np.matmul(-fit.astype(powers.dtype), powers[:, :2].T, out=predicted)
        with np.errstate(over="ignore"):
            np.exp(predicted, out=predicted)
        predicted += 1
        np.reciprocal(predicted, out=predicted)
        np.multiply(rows, predicted, out=weighted)
        first = weighted @ powers  # sums of w p times 1, x and x squared
        weighted *= predicted
        return self._label_sums[active] - first[:, :2], (first - weighted @ powers).astype(float)


def _solve(
    balance: Callable[[Array, NDArray[np.int64]], tuple[Array, Array]],
    start: Array,
    active: NDArray[np.int64],
    *,
    tolerance: float = _TOLERANCE,
) -> Array:
    """Step until nothing moves; what still moves has no finite maximum: NaN, ``(fits, 2)``.

    Args:
        balance: Given some fits and their numbers, gradients ``(fits, 2)`` and curvatures.
        start: Where to start: ``(fits, 2)``.
        active: Numbers of the fits that there may be; the others are NaN.
        tolerance: Largest last step.
    """
    fit = start.copy()
    failed = np.setdiff1d(np.arange(len(fit)), active)
    for _ in range(_MAX_STEPS):
        if not len(active):
            break
        step = _step(*balance(fit[active], active))
        fit[active] += step
        lost = ~np.isfinite(step).all(axis=1)
        failed = np.concatenate([failed, active[lost]])
        active = active[~lost & (np.abs(step).max(axis=1) > tolerance)]
    fit[np.concatenate([failed, active])] = np.nan
    return fit


def _step(gradient: Array, curvature: Array) -> Array:
    """Return Newton's step: ``(fits, 2)``, NaN where the curvature is gone."""
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
