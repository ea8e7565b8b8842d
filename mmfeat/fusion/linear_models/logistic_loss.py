"""The penalised loss of logistic regression, its slope and its curvature."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from mmfeat.fusion.linear_models.newton import weighted_products

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LogisticLoss:
    """Hold cases of two classes or more, and how strongly coefficients are pulled to zero.

    Shape:
        - ``features``: ``(cases, width)``; the last column is of ones, its parameters are the
          intercepts, which are not penalised.
        - ``chosen``: ``(cases, logits)``: of one logit 1 or 0, of several 1 for the case's class.
        - Points and slopes: ``(width, logits)``; steps keep the mean of several intercepts.
    """

    features: Array
    chosen: Array
    shrinkage: float
    """One over scikit-learn's ``C``."""

    def at(self, point: Array) -> tuple[float, Array, Array]:
        """Return the loss, its slope, and the probabilities ``(cases, logits)``."""
        logits = self.features @ point
        if point.shape[1] == 1:
            value = (np.logaddexp(0.0, logits) - self.chosen * logits).sum()
            expected = expit(logits)
        else:
            logits = logits - logits.max(axis=1, keepdims=True)
            powers = np.exp(logits)
            sums = powers.sum(axis=1, keepdims=True)
            value = np.log(sums).sum() - (self.chosen * logits).sum()
            expected = powers / sums
        pull = self.shrinkage * point
        pull[-1] = 0.0
        slope = self.features.T @ (expected - self.chosen) + pull
        return float(value + (pull * point).sum() / 2), slope, expected

    def curvature(self, expected: Array) -> Array:
        """Return ``(width * logits, width * logits)``, in the order of a ravelled slope."""
        width, n_logits = self.features.shape[1], expected.shape[1]
        blocks = np.empty((width, n_logits, width, n_logits))
        for one in range(n_logits):
            for other in range(one, n_logits):
                same = 1.0 if one == other else 0.0
                weights = expected[:, one] * (same - expected[:, other])
                block = weighted_products(self.features, abs(weights))
                blocks[:, one, :, other] = block if one == other else -block
                blocks[:, other, :, one] = blocks[:, one, :, other]
        if n_logits > 1:
            # All intercepts may rise together at no loss: a curvature that keeps their mean.
            blocks[-1, :, -1, :] += np.trace(blocks[-1, :, -1, :]) / n_logits**2
        square = blocks.reshape(width * n_logits, width * n_logits)
        of_coefficients = np.arange((width - 1) * n_logits)
        square[of_coefficients, of_coefficients] += self.shrinkage
        return square
