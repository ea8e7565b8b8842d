"""Ridge regression at one penalty after the other, from one decomposition."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.linear_models.linear_model import LinearModel

Array = NDArray[np.float64]


class RidgeFitter:
    """Fit ``sum of squared errors + squared length of the coefficients / C``, for any ``C``.

    It is scikit-learn's ``Ridge(alpha=1 / C)``. The smaller of the two products of the centred
    features with themselves is decomposed once, so another penalty costs next to nothing.

    Shape:
        - ``features``: ``(cases, width)``; ``values``: ``(cases,)``.
    """

    def __init__(self, features: Array, values: Array) -> None:
        n_cases, self._width = features.shape
        self._mean = features.mean(axis=0) if n_cases else np.zeros(self._width)
        self._mean_value = float(values.mean()) if n_cases else 0.0
        centred, left = features - self._mean, values - self._mean_value
        if self._width <= n_cases:
            self._squares, vectors = np.linalg.eigh(centred.T @ centred)
            self._basis, self._along = vectors, vectors.T @ (centred.T @ left)
        else:
            self._squares, vectors = np.linalg.eigh(centred @ centred.T)
            self._basis, self._along = centred.T @ vectors, vectors.T @ left
        self._squares = np.maximum(self._squares, 0.0)

    def fit(self, penalty: float) -> LinearModel:
        """Return the model at a given ``C``."""
        coefficients = self._basis @ (self._along / (self._squares + 1.0 / penalty))
        intercept = self._mean_value - self._mean @ coefficients
        return LinearModel(coefficients[:, None], np.array([intercept]))
