"""L2-penalised linear models whose penalty is chosen on patients they have not seen."""

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.linear_models.hazard_regression import HazardFitter
from mmfeat.fusion.linear_models.linear_model import ChosenLinear, LinearModel
from mmfeat.fusion.linear_models.linear_problems import LinearCases
from mmfeat.fusion.linear_models.logistic_regression import LogisticFitter
from mmfeat.fusion.linear_models.ridge import RidgeFitter
from mmfeat.fusion.linear_models.streamed_linear import choose_and_fit_streamed
from mmfeat.fusion.probabilities import part_losses
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.tabular.stored_vectors import Vectors

Array = NDArray[np.float64]

PENALTIES = tuple(10.0 ** (exponent / 2) for exponent in range(-10, 5))
"""Candidates for scikit-learn's ``C``, from the strongest penalty to the weakest: 1e-5 to 1e2."""
_WORSE_BEFORE_STOP = 3
_MOST_NUMBERS_COPIED = 10**8
"""Of more numbers than this no copies are made for the inner folds; they are passed over."""


@runtime_checkable
class PenaltyFitter(Protocol):
    """Fit one set of cases at one penalty after the other, each starting from the last."""

    def fit(self, penalty: float) -> LinearModel:
        """Return the model at a given ``C``."""


def choose_and_fit(
    features: Vectors | Array, labels: Array, folds: NDArray[np.int64], task: Task
) -> ChosenLinear:
    """Choose the penalty by the loss on inner folds, then fit on all cases.

    Each part of the task, and each label of several, has a penalty of its own; the intervals of
    hazards have one. Features that are not in memory, or large, are read block by block; the models
    are the same up to rounding.

    Shape:
        - ``features``: ``(cases, width)``; ``labels``: ``(cases, columns)``, NaN where missing.
        - ``folds``: ``(cases,)`` from `inner_folds`.

    Raises:
        TrainError: A part is cox.
    """
    n_numbers = features.shape[0] * features.shape[1]
    is_small = isinstance(features, np.ndarray) and n_numbers <= _MOST_NUMBERS_COPIED
    values = np.asarray(features, dtype=np.float64) if is_small else None

    def choose(own: Array, part: TaskPart) -> ChosenLinear:
        if values is not None:
            return _choose_one(values, own, folds, part)
        cases = LinearCases(features, own, folds, part)
        return choose_and_fit_streamed(cases, PENALTIES, worse_before_stop=_WORSE_BEFORE_STOP)

    chosen: list[ChosenLinear] = []
    for part, _, columns in task.places():
        own = labels[:, columns]
        if part.kind == "cox":
            raise TrainError(
                "the linear models have no Cox form; set `model: hazards` for the target, or leave "
                "methods that use them out of `train.methods` (`paper` and the networks remain)"
            )
        if part.kind == "multilabel" and not part.hazards:
            single = TaskPart("binary", 1)
            chosen += [choose(one[:, None], single) for one in own.T]
        else:
            chosen.append(choose(own, part))
    return ChosenLinear(
        LinearModel(
            np.hstack([one.model.coefficients for one in chosen]),
            np.concatenate([one.model.intercepts for one in chosen]),
        ),
        tuple(penalty for one in chosen for penalty in one.penalties),
        np.hstack([one.out_of_fold for one in chosen]),
    )


def _choose_one(
    features: Array, labels: Array, folds: NDArray[np.int64], part: TaskPart
) -> ChosenLinear:
    """Choose and fit for one part ``(cases, columns)`` that has one penalty."""
    known = ~np.isnan(labels).all(axis=1)
    parts = [(known & (folds != number), folds == number) for number in np.unique(folds)]
    fitters = [_fitter(features[fit_on], labels[fit_on], part) for fit_on, _ in parts]
    best_loss, best_penalty, n_worse = np.inf, PENALTIES[0], 0
    out_of_fold = np.zeros((len(features), part.n_outputs))
    for penalty in PENALTIES if known.any() else ():
        logits = np.empty_like(out_of_fold)
        for fitter, (_, held_out) in zip(fitters, parts, strict=True):
            logits[held_out] = fitter.fit(penalty).logits(features[held_out])
        loss = float(np.nanmean(part_losses(logits, labels, part.kind)))
        n_worse += 1
        if loss < best_loss:
            best_loss, best_penalty, out_of_fold, n_worse = loss, penalty, logits, 0
        if n_worse == _WORSE_BEFORE_STOP:
            break
    model = _fitter(features[known], labels[known], part).fit(best_penalty)
    return ChosenLinear(model, (best_penalty,), out_of_fold)


def _fitter(features: Array, labels: Array, part: TaskPart) -> PenaltyFitter:
    if part.hazards:
        return HazardFitter(features, labels)
    if part.kind == "regression":
        return RidgeFitter(features, labels[:, 0])
    return LogisticFitter(features, labels[:, 0].astype(np.int64), part.n_outputs)
