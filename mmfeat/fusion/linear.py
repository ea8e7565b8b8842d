"""L2-penalised logistic regression whose penalty is chosen on patients it has not seen."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from mmfeat.fusion.contract import Kind
from mmfeat.fusion.probabilities import log_losses

Array = NDArray[np.float64]

PENALTIES = tuple(10.0 ** (exponent / 2) for exponent in range(-10, 5))
"""Candidates for scikit-learn's ``C``, from the strongest penalty to the weakest: 1e-5 to 1e2."""
_WORSE_BEFORE_STOP = 3
_LARGEST_HESSIAN_FLOP = 3e9
"""Above this, forming a Hessian costs more than the gradient steps of L-BFGS."""


@dataclass(frozen=True)
class LinearModel:
    """Hold ``logits = features @ coefficients + intercepts``.

    Shape:
        - ``coefficients``: ``(width, outputs)``; ``intercepts``: ``(outputs,)``.
    """

    coefficients: Array
    intercepts: Array

    def logits(self, features: NDArray[np.floating]) -> Array:
        """Return ``(cases, outputs)`` for features ``(cases, width)``."""
        return np.asarray(features @ self.coefficients + self.intercepts, dtype=np.float64)


@dataclass(frozen=True)
class ChosenLinear:
    """Hold a model fitted on all cases, and what was learnt on the way to it.

    Shape:
        - ``out_of_fold``: ``(cases, outputs)``, logits of models that have not seen the case's
          patient.
    """

    model: LinearModel
    penalties: tuple[float, ...]
    """The chosen ``C``: one, or for several labels one each."""
    out_of_fold: Array


def row_space(features: Array) -> Array | None:
    """Return an orthonormal basis of the rows if that makes the problem smaller, else None.

    Under an L2 penalty the best coefficients lie in the span of the rows, so fitting on ``features
    @ basis`` and rotating back gives the identical model with as many coefficients as there are
    cases.
    """
    if features.shape[1] <= features.shape[0] or not len(features):
        return None
    _, singular_values, basis = np.linalg.svd(features, full_matrices=False)
    rank = int((singular_values > singular_values[0] * 1e-10).sum())
    return np.asarray(basis[:rank].T) if rank else None


class _Fitter:
    """Fit one set of cases at one penalty after the other, each starting from the last."""

    def __init__(self, features: Array, classes: NDArray[np.int64], n_outputs: int) -> None:
        self._basis = row_space(features)
        self._features = features if self._basis is None else features @ self._basis
        self._width = features.shape[1]
        self._classes = classes
        self._counts = np.bincount(classes, minlength=max(2, n_outputs))
        self._n_outputs = n_outputs
        n_rows, width = self._features.shape
        n_logits = max(1, n_outputs - 1)
        is_small = n_rows * (width * n_logits) ** 2 < _LARGEST_HESSIAN_FLOP
        self._regression = LogisticRegression(
            solver="newton-cholesky" if is_small else "lbfgs",
            warm_start=True,
            max_iter=500,
            tol=1e-5,
        )

    def fit(self, penalty: float) -> LinearModel:
        """Return the model; a single logit for one output, else a logit for each class."""
        seen = np.flatnonzero(self._counts)
        if len(seen) < 2:
            return self._base_rate()
        with warnings.catch_warnings():
            # A fit that is stopped early is a candidate like any other: its log loss decides.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._regression.set_params(C=penalty).fit(self._features, self._classes)
        coefficients = np.array(self._regression.coef_.T)
        if self._basis is not None:
            coefficients = self._basis @ coefficients
        intercepts = np.array(self._regression.intercept_)
        if self._n_outputs == 1:
            return LinearModel(coefficients, intercepts)
        if len(seen) == 2:  # scikit-learn gives one logit for two classes
            coefficients = np.hstack([-coefficients / 2, coefficients / 2])
            intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
        of_classes = np.zeros((self._width, self._n_outputs))
        of_classes[:, seen] = coefficients
        # A class that nobody has keeps the logit of half a case.
        biases = np.full(self._n_outputs, np.log(0.5 / self._counts.sum()))
        biases[seen] = intercepts
        return LinearModel(of_classes, biases)

    def _base_rate(self) -> LinearModel:
        """Return the constant model of cases of one class only, as if each had half a case more."""
        logs = np.log(self._counts + 0.5) - np.log(self._counts.sum() + 0.5 * len(self._counts))
        intercepts = logs[1:] - logs[:1] if self._n_outputs == 1 else logs
        return LinearModel(np.zeros((self._width, self._n_outputs)), intercepts)


def fit_at_penalty(
    features: Array, classes: NDArray[np.int64], *, n_outputs: int, penalty: float
) -> LinearModel:
    """Fit logistic regression at a given ``C``.

    Shape:
        - ``features``: ``(cases, width)``; ``classes``: ``(cases,)``, numbers of the classes.
    """
    return _Fitter(features, classes, n_outputs).fit(penalty)


def choose_and_fit(
    features: NDArray[np.floating],
    labels: Array,
    folds: NDArray[np.int64],
    kind: Kind,
    *,
    n_outputs: int,
) -> ChosenLinear:
    """Choose the penalty by the log loss on inner folds, then fit on all cases.

    Shape:
        - ``features``: ``(cases, width)``; ``labels``: ``(cases, columns)``, NaN where missing.
        - ``folds``: ``(cases,)`` from `inner_folds`.
    """
    values = np.asarray(features, dtype=np.float64)
    if kind == "multiclass":
        return _choose_one(values, labels, folds, kind, n_outputs)
    chosen = [_choose_one(values, column[:, None], folds, "binary", 1) for column in labels.T]
    return ChosenLinear(
        LinearModel(
            np.hstack([one.model.coefficients for one in chosen]),
            np.concatenate([one.model.intercepts for one in chosen]),
        ),
        tuple(one.penalties[0] for one in chosen),
        np.hstack([one.out_of_fold for one in chosen]),
    )


def _choose_one(
    features: Array, labels: Array, folds: NDArray[np.int64], kind: Kind, n_outputs: int
) -> ChosenLinear:
    """Choose and fit for one column of labels ``(cases, 1)``."""
    known = ~np.isnan(labels[:, 0])
    classes = np.nan_to_num(labels[:, 0]).astype(np.int64)
    parts = [(known & (folds != number), folds == number) for number in np.unique(folds)]
    fitters = [_Fitter(features[fit_on], classes[fit_on], n_outputs) for fit_on, _ in parts]
    best_loss, best_penalty, n_worse = np.inf, PENALTIES[0], 0
    out_of_fold = np.zeros((len(features), n_outputs))
    for penalty in PENALTIES if known.any() else ():
        logits = np.empty_like(out_of_fold)
        for fitter, (_, held_out) in zip(fitters, parts, strict=True):
            logits[held_out] = fitter.fit(penalty).logits(features[held_out])
        loss = float(np.nanmean(log_losses(logits, labels, kind)))
        n_worse += 1
        if loss < best_loss:
            best_loss, best_penalty, out_of_fold, n_worse = loss, penalty, logits, 0
        if n_worse == _WORSE_BEFORE_STOP:
            break
    model = fit_at_penalty(
        features[known], classes[known], n_outputs=n_outputs, penalty=best_penalty
    )
    return ChosenLinear(model, (best_penalty,), out_of_fold)
