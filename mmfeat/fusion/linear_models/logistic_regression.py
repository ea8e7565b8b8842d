"""Logistic regression of two classes or more at one penalty after the other."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from mmfeat.fusion.linear_models.linear_model import LinearModel, row_space

Array = NDArray[np.float64]

_LARGEST_HESSIAN_FLOP = 3e9
"""Above this, forming a Hessian costs more than the gradient steps of L-BFGS."""


class LogisticFitter:
    """Fit one set of cases at one penalty after the other, each starting from the last.

    Shape:
        - ``features``: ``(cases, width)``; ``classes``: ``(cases,)``, numbers of the classes.
    """

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
