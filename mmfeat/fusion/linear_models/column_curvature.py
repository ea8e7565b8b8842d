"""How the columns of the cases go together: what a linear model's steps should know beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.linear_models.linear_problems import LinearCases
from mmfeat.tabular.stored_vectors import blocks_of

Array = NDArray[np.float64]

_CASES_FOR_CURVATURE = 16
"""For each column, so many cases are looked at to know how columns go together."""
_FEWEST_FOR_CURVATURE = 2048


@dataclass(frozen=True)
class ColumnCurvature:
    """How the columns of a sample of the cases go together.

    Models are looked for along the axes, where the curvature is a number for each.

    Shape:
        - ``axes``: ``(width, width)``; ``variances``, ``mean``: ``(width,)``, along them.
    """

    mean: Array
    variances: Array
    axes: Array

    @classmethod
    def of(cls, cases: LinearCases) -> "ColumnCurvature":
        """Look at a sample of the cases."""
        n_cases, width = cases.features.shape
        n_sampled = min(n_cases, max(_FEWEST_FOR_CURVATURE, _CASES_FOR_CURVATURE * width))
        # Whole blocks, spread over the cases: single rows are slow to read.
        blocks = list(blocks_of(n_cases))
        n_blocks = max(1, round(n_sampled / n_cases * len(blocks)))
        total, squares, n_rows = np.zeros(width), np.zeros((width, width)), 0
        for number in np.linspace(0, len(blocks) - 1, n_blocks).round().astype(int):
            values = np.asarray(cases.features[blocks[number]], dtype=np.float64)
            total += values.sum(axis=0)
            squares += values.T @ values
            n_rows += len(values)
        mean = total / n_rows
        variances, axes = np.linalg.eigh(squares / n_rows - np.outer(mean, mean))
        return cls(axes.T @ mean, np.maximum(variances, 0.0), axes)

    def turned(self, cases: LinearCases, points: Sequence[Array], *, back: bool) -> list[Array]:
        """Turn the coefficients of many points from the axes to the columns, or back."""
        if not points:
            return []
        parts = [cases.split(point) for point in points]
        joined = np.hstack([coefficients for coefficients, _ in parts])
        turned = (self.axes.T if back else self.axes) @ joined
        of_points = np.split(turned, len(points), axis=1)
        return [
            np.concatenate([coefficients.ravel(), intercepts])
            for coefficients, (_, intercepts) in zip(of_points, parts, strict=True)
        ]

    def solver(
        self, cases: LinearCases, penalty: float, *, n_cases: int, bend: Array
    ) -> Callable[[Array], Array]:
        """Return what multiplies a slope along the axes with the inverse curvature.

        It is that of the model without features.
        """
        of_outputs = n_cases * np.maximum(bend, 0.5 / n_cases)  # (outputs,)
        of_vectors = of_outputs.sum(keepdims=True) if cases.part.hazards else of_outputs
        seen = bend > 0
        strengths = self.variances[:, None] * of_vectors + 1.0 / penalty  # (width, vectors)

        def solve(slope: Array) -> Array:
            of_coefficients, of_intercepts = cases.split(slope)
            shift = of_intercepts.sum(keepdims=True) if cases.part.hazards else of_intercepts
            coefficients = (of_coefficients - np.outer(self.mean, shift)) / strengths
            intercepts = of_intercepts / of_outputs - self.mean @ coefficients
            if cases.part.kind == "multiclass":
                # Moving all classes alike changes no probability: there is no curvature to know.
                coefficients[:, seen] -= coefficients[:, seen].mean(axis=1, keepdims=True)
                intercepts[seen] -= intercepts[seen].mean()
            return np.concatenate([coefficients.ravel(), intercepts])

        return solve
