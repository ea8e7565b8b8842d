"""A linear model, what was learnt in choosing it, and a smaller space to fit it in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


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
