"""Choose and fit linear models of cases that are not in memory, by passes over blocks of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.linear_models.column_curvature import ColumnCurvature
from mmfeat.fusion.linear_models.linear_model import ChosenLinear, LinearModel
from mmfeat.fusion.linear_models.linear_problems import (
    EVERY_FOLD,
    LinearCases,
    Problem,
    base_intercepts,
    evaluate,
)
from mmfeat.fusion.linear_models.lockstep import Evaluated, in_lockstep, lbfgs
from mmfeat.fusion.probabilities import part_losses
from mmfeat.tabular.stored_vectors import blocks_of

Array = NDArray[np.float64]

TOLERANCE = 1e-8
"""No coefficient is further from its best value than a few of these."""


def choose_and_fit_streamed(
    cases: LinearCases, penalties: Sequence[float], *, worse_before_stop: int
) -> ChosenLinear:
    """Do as `choose_and_fit` for one part of a task, without the cases being in memory at once.

    All penalties and inner folds are fitted in the same passes. About twenty are needed, because
    the steps know from a sample how columns go together.
    """
    folds = [*np.unique(cases.folds).tolist(), EVERY_FOLD]
    problems = [Problem(fold, penalty) for penalty in penalties for fold in folds]
    models = _fit_all(cases, problems)
    losses = _losses_out_of_fold(cases, models, penalties)
    best, n_worse = 0, 0
    for number, loss in enumerate(losses):
        n_worse = 0 if loss < losses[best] or number == 0 else n_worse + 1
        best = number if loss < losses[best] else best
        if n_worse == worse_before_stop:
            break
    penalty = penalties[best]
    out_of_fold = np.empty((len(cases.labels), cases.part.n_outputs))
    for rows in blocks_of(len(out_of_fold)):
        out_of_fold[rows] = _held_out(cases, models, penalty, rows, cases.features[rows])
    return ChosenLinear(models[Problem(EVERY_FOLD, penalty)], (penalty,), out_of_fold)


def _fit_all(cases: LinearCases, problems: Sequence[Problem]) -> dict[Problem, LinearModel]:
    curvature = ColumnCurvature.of(cases)
    models: dict[Problem, LinearModel] = {}
    fitted: list[Problem] = []
    bases, minimisers = [], []
    for problem in problems:
        labels = cases.labels[cases.fits(problem.without_fold)]
        base, bend = base_intercepts(labels, cases.part)
        if _is_constant(labels, cases):
            models[problem] = _constant_model(base, labels, cases)
            continue
        fitted.append(problem)
        bases.append(base)
        width = cases.features.shape[1] * cases.n_vectors
        start = np.concatenate([np.zeros(width), np.where(np.isneginf(base), 0.0, base)])
        solve = curvature.solver(cases, problem.penalty, n_cases=len(labels), bend=bend)
        minimisers.append(lbfgs(start, solve=solve, tolerance=TOLERANCE))

    def at_points(points: Sequence[tuple[int, Array]]) -> list[Evaluated]:
        numbers = [number for number, _ in points]
        answers = evaluate(
            cases,
            [fitted[number] for number in numbers],
            curvature.turned(cases, [point for _, point in points], back=False),
            [bases[number] for number in numbers],
        )
        slopes = curvature.turned(cases, [slope for _, slope in answers], back=True)
        return [(loss, slope) for (loss, _), slope in zip(answers, slopes, strict=True)]

    lowest = curvature.turned(cases, in_lockstep(minimisers, at_points), back=False)
    for problem, base, found in zip(fitted, bases, lowest, strict=True):
        model = cases.model(found)
        if cases.part.kind == "multiclass":
            n_known = int(cases.fits(problem.without_fold).sum())
            # A class that nobody has keeps the logit of half a case.
            intercepts = np.where(np.isneginf(base), np.log(0.5 / n_known), model.intercepts)
            model = LinearModel(model.coefficients, intercepts)
        models[problem] = model
    return models


def _is_constant(labels: Array, cases: LinearCases) -> bool:
    """Say whether there is nothing to tell apart: one class only, or no case."""
    if cases.part.kind == "regression" or cases.part.hazards:
        return not len(labels)
    return len(np.unique(labels[~np.isnan(labels)])) < 2


def _constant_model(base: Array, labels: Array, cases: LinearCases) -> LinearModel:
    if cases.part.kind == "multiclass":  # as if each class had half a case more
        counts = np.bincount(labels[:, 0].astype(np.int64), minlength=cases.part.n_outputs)
        base = np.log(counts + 0.5) - np.log(counts.sum() + 0.5 * len(counts))
    return LinearModel(np.zeros((cases.features.shape[1], cases.part.n_outputs)), base)


def _held_out(
    cases: LinearCases,
    models: dict[Problem, LinearModel],
    penalty: float,
    rows: slice,
    values: NDArray[np.float32] | Array,
) -> Array:
    """Return the logits of some cases, each by the model without its fold."""
    folds = cases.folds[rows]
    logits = np.empty((len(values), cases.part.n_outputs))
    for fold in np.unique(folds):
        own = folds == fold
        logits[own] = models[Problem(int(fold), penalty)].logits(values[own])
    return logits


def _losses_out_of_fold(
    cases: LinearCases, models: dict[Problem, LinearModel], penalties: Sequence[float]
) -> list[float]:
    """Return for each penalty the mean loss of cases that the models were not fitted to."""
    sums, n_known = np.zeros(len(penalties)), 0
    for rows in blocks_of(len(cases.labels)):
        values, labels = cases.features[rows], cases.labels[rows]
        n_known += int((~np.isnan(labels)).sum())
        for number, penalty in enumerate(penalties):
            logits = _held_out(cases, models, penalty, rows, values)
            sums[number] += np.nansum(part_losses(logits, labels, cases.part.kind))
    return [float(total) / max(1, n_known) for total in sums]
