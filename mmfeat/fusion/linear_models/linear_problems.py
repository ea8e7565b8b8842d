"""Many penalised linear models of one target, and their losses in one pass over the cases."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax

from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.lockstep import Evaluated
from mmfeat.fusion.task import TaskPart
from mmfeat.fusion.training.ahead import ahead
from mmfeat.tabular.stored_vectors import Vectors, blocks_of

Array = NDArray[np.float64]

EVERY_FOLD = -1
_HAZARD_INTERCEPT_PENALTY = 1e-3


@dataclass(frozen=True)
class Problem:
    """One model: fitted to all cases but those of one inner fold, at one penalty."""

    without_fold: int
    """`EVERY_FOLD` for a model of all cases."""
    penalty: float
    """scikit-learn's ``C``."""


@dataclass(frozen=True)
class LinearCases:
    """Hold the cases that the models of one target are fitted to.

    Shape:
        - ``features``: ``(cases, width)``, in memory or not; ``labels``: ``(cases, columns)``, NaN
          where missing; ``folds``: ``(cases,)``.
    """

    features: Vectors | Array
    labels: Array
    folds: NDArray[np.int64]
    part: TaskPart

    @property
    def n_vectors(self) -> int:
        """Number of coefficients of each value: hazards share one over all intervals."""
        return 1 if self.part.hazards else self.part.n_outputs

    def fits(self, fold: int) -> NDArray[np.bool_]:
        """Say which cases a model without one fold is fitted to: ``(cases,)``."""
        known = ~np.isnan(self.labels).all(axis=1)
        return np.asarray(known & (self.folds != fold))

    def model(self, parameters: Array) -> LinearModel:
        """Turn the parameters of a problem into its model."""
        coefficients, intercepts = self.split(parameters)
        if self.part.hazards:
            coefficients = np.repeat(coefficients, self.part.n_outputs, axis=1)
        return LinearModel(coefficients.copy(), intercepts.copy())

    def split(self, parameters: Array) -> tuple[Array, Array]:
        """Split into coefficients ``(width, vectors)`` and intercepts ``(outputs,)``."""
        width = self.features.shape[1]
        return (
            parameters[: width * self.n_vectors].reshape(width, self.n_vectors),
            parameters[width * self.n_vectors :],
        )


def evaluate(
    cases: LinearCases,
    problems: Sequence[Problem],
    points: Sequence[Array],
    bases: Sequence[Array],
) -> list[Evaluated]:
    """Return the penalised loss of each problem at its point, and the slope, in one pass.

    Args:
        cases: What the models are fitted to.
        problems: The models.
        points: The parameters of each.
        bases: Of each, the intercepts of a model without features.
    """
    parts = [cases.split(point) for point in points]
    coefficients = np.hstack([one for one, _ in parts])  # (width, problems * vectors)
    intercepts = np.stack([one for _, one in parts])  # (problems, outputs)
    absent = np.stack([np.isneginf(base) for base in bases])
    folds = np.array([problem.without_fold for problem in problems])
    losses, slope = np.zeros(len(problems)), np.zeros_like(coefficients)
    slope_of_intercepts = np.zeros_like(intercepts)
    n_cases = len(cases.labels)
    for block, values in ahead((rows, _block(cases, rows)) for rows in blocks_of(n_cases)):
        logits = (values @ coefficients).reshape(len(values), len(problems), -1)
        logits = np.where(absent, -np.inf, logits + intercepts)  # (rows, problems, outputs)
        of_rows, errors = _losses_and_errors(logits, cases.labels[block], cases.part)
        counted = cases.folds[block][:, None] != folds
        losses += (of_rows * counted).sum(axis=0)
        errors *= counted[:, :, None]
        slope_of_intercepts += errors.sum(axis=0)
        if cases.part.hazards:
            errors = errors.sum(axis=2, keepdims=True)
        slope += values.T @ errors.reshape(len(values), -1)
    answers: list[Evaluated] = []
    for number, (problem, point) in enumerate(zip(problems, points, strict=True)):
        own = slice(number * cases.n_vectors, (number + 1) * cases.n_vectors)
        of_coefficients = point[: coefficients.shape[0] * cases.n_vectors]
        away = np.zeros_like(intercepts[number])
        if cases.part.hazards:
            away = _HAZARD_INTERCEPT_PENALTY * (intercepts[number] - bases[number])
        loss = losses[number] + of_coefficients @ of_coefficients / (2 * problem.penalty)
        loss += away @ (intercepts[number] - bases[number]) / 2 if cases.part.hazards else 0.0
        of_point = slope[:, own].ravel() + of_coefficients / problem.penalty
        answers.append((float(loss), np.append(of_point, slope_of_intercepts[number] + away)))
    return answers


def base_intercepts(labels: Array, part: TaskPart) -> tuple[Array, Array]:
    """Return the intercepts of a model without features, and how much a case bends the loss there.

    A class that no case has gets minus infinity.

    Shape:
        - ``labels``: ``(cases, columns)``, NaN where missing.
        - Output: two of ``(outputs,)``.
    """
    known = ~np.isnan(labels)
    at_risk = known.sum(axis=0)
    if part.kind == "regression":
        return np.nanmean(labels, axis=0), np.ones(1)
    if part.kind == "multiclass":
        counts = np.bincount(labels[known].astype(np.int64), minlength=part.n_outputs)
        shares = counts / counts.sum()
        with np.errstate(divide="ignore"):
            logs = np.log(shares)
        return logs - logs[counts > 0].mean(), shares * (1 - shares)
    # As if there were half an event more, and half a case without one.
    shares = (np.nansum(labels, axis=0) + 0.5) / (at_risk + 1.0)
    return np.log(shares / (1 - shares)), shares * (1 - shares) * at_risk / max(1, len(labels))


def _block(cases: LinearCases, rows: slice) -> Array:
    return np.asarray(cases.features[rows], dtype=np.float64)


def _losses_and_errors(logits: Array, labels: Array, part: TaskPart) -> tuple[Array, Array]:
    """Return losses ``(rows, problems)`` and slopes ``(rows, problems, outputs)``, 0 if unknown."""
    known = ~np.isnan(labels)[:, None, :]  # (rows, 1, columns)
    filled = np.where(known, labels[:, None, :], 0.0)
    if part.kind == "multiclass":
        logs = log_softmax(logits, axis=2)
        chosen = filled == np.arange(part.n_outputs)  # (rows, 1, outputs)
        losses = -np.where(chosen, logs, 0.0).sum(axis=2)
        return losses * known[:, :, 0], (np.exp(logs) - chosen) * known
    if part.kind == "regression":
        errors = (logits - filled) * known
        return (errors**2 / 2).sum(axis=2), errors
    losses = (np.logaddexp(0.0, logits) - filled * logits) * known
    return losses.sum(axis=2), (expit(logits) - filled) * known
