"""Logistic regression of two classes or more at one penalty after the other."""

import warnings
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.linear_models.linear_model import LinearModel, row_space
from mmfeat.fusion.linear_models.logistic_loss import LogisticLoss
from mmfeat.fusion.linear_models.newton import LARGEST_CURVATURE_FLOP, TOLERANCE, newton

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

Array = NDArray[np.float64]


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
        self._seen = np.flatnonzero(self._counts)
        n_rows, width = self._features.shape
        n_logits = 1 if len(self._seen) == 2 else len(self._seen)
        self._parameters: Array | None = None
        """Of the last fit by Newton's method, ``(width + 1, logits)``; None: it is not used."""
        if n_rows * (width * n_logits) ** 2 < LARGEST_CURVATURE_FLOP:
            self._parameters = np.zeros((width + 1, n_logits))
            self._features = np.hstack([self._features, np.ones((n_rows, 1))])
            self._chosen = (classes[:, None] == self._seen[-n_logits:]).astype(np.float64)

    def fit(self, penalty: float) -> LinearModel:
        """Return the model; a single logit for one output, else a logit for each class."""
        if len(self._seen) < 2:
            return self._base_rate()
        coefficients, intercepts = self._by_newton(penalty) or self._by_gradients(penalty)
        if self._basis is not None:
            coefficients = self._basis @ coefficients
        if self._n_outputs == 1:
            return LinearModel(coefficients, intercepts)
        if len(self._seen) == 2:  # one logit for two classes
            coefficients = np.hstack([-coefficients / 2, coefficients / 2])
            intercepts = np.array([-intercepts[0] / 2, intercepts[0] / 2])
        of_classes = np.zeros((self._width, self._n_outputs))
        of_classes[:, self._seen] = coefficients
        # A class that nobody has keeps the logit of half a case.
        biases = np.full(self._n_outputs, np.log(0.5 / self._counts.sum()))
        biases[self._seen] = intercepts
        return LinearModel(of_classes, biases)

    def _by_newton(self, penalty: float) -> tuple[Array, Array] | None:
        """Return coefficients ``(width, logits)`` and intercepts, or None where it is not used."""
        if self._parameters is None:
            return None
        loss = LogisticLoss(self._features, self._chosen, 1.0 / penalty)
        tolerance = TOLERANCE * len(self._features)
        self._parameters = newton(loss, self._parameters, tolerance=tolerance)
        if self._parameters is None:  # and from now on without the column of ones
            self._features = self._features[:, :-1]
            return None
        return self._parameters[:-1], self._parameters[-1]

    @cached_property
    def _regression(self) -> "LogisticRegression":
        """Load scikit-learn, which takes a second, where it is needed."""
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(warm_start=True, max_iter=500, tol=1e-5)

    def _by_gradients(self, penalty: float) -> tuple[Array, Array]:
        """Return the same by L-BFGS."""
        from sklearn.exceptions import ConvergenceWarning

        with warnings.catch_warnings():
            # A fit that is stopped early is a candidate like any other: its log loss decides.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._regression.set_params(C=penalty).fit(self._features, self._classes)
        return np.array(self._regression.coef_.T), np.array(self._regression.intercept_)

    def _base_rate(self) -> LinearModel:
        """Return the constant model of cases of one class only, as if each had half a case more."""
        logs = np.log(self._counts + 0.5) - np.log(self._counts.sum() + 0.5 * len(self._counts))
        intercepts = logs[1:] - logs[:1] if self._n_outputs == 1 else logs
        return LinearModel(np.zeros((self._width, self._n_outputs)), intercepts)
