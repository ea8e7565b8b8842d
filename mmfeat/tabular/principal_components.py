"""Few numbers in place of many: principal components, fitted to the training part."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from mmfeat.config.base import StrictModel

MOST_COMPONENTS = 32
CASES_PER_COMPONENT = 10
"""Training vectors for each number that is kept: the usual ten cases for each coefficient of a
linear head, and never more than ``MOST_COMPONENTS``, so that the hundreds of numbers of one frozen
network do not drown a record of a dozen columns."""
_DIGITS = 6
"""Decimals of what is stored, so that the last digits of a linear algebra library do not matter."""
_SMALLEST = 10.0**-_DIGITS


class PrincipalComponents(StrictModel):
    """Project vectors on the directions along which the training vectors differ most.

    All components are divided by the deviation along the first: that one has deviation 1 like a
    number of the record, the others as much less as they tell less.

    Example:
        >>> vectors = np.array([[0, 1], [2, 1], [4, 1], [6, 1]], np.float32)
        >>> PrincipalComponents.fit(vectors).project(vectors)[:, 0].round(3).tolist()
        [-1.342, -0.447, 0.447, 1.342]
    """

    centre: tuple[FiniteFloat, ...]
    """Mean of the training vectors: ``(width,)``."""
    components: tuple[tuple[FiniteFloat, ...], ...]
    """``(kept, width)``, of length 1, at right angles; the largest number of each is positive."""
    spread: Annotated[FiniteFloat, Field(gt=0)]
    """Deviation of the training vectors along the first component; 1 where none is kept."""

    @classmethod
    def fit(cls, vectors: NDArray[np.float32]) -> "PrincipalComponents":
        """Find the components of ``(n, width)``, in whatever order they come.

        At most ``MOST_COMPONENTS`` are kept, and one for each ``CASES_PER_COMPONENT`` vectors, but
        one at least where vectors differ.
        """
        known = _in_one_order(vectors)
        centre = known.mean(axis=0, dtype=np.float64) if len(known) else np.zeros(known.shape[1])
        _, lengths, directions = np.linalg.svd(known - centre, full_matrices=False)
        deviations = lengths / np.sqrt(max(len(known), 1))
        most = min(MOST_COMPONENTS, max(1, len(known) // CASES_PER_COMPONENT))
        kept = directions[:most][deviations[:most] > _SMALLEST]
        largest = np.take_along_axis(kept, np.abs(kept).argmax(axis=1)[:, None], axis=1)
        return cls(
            centre=tuple(np.round(centre, _DIGITS).tolist()),
            components=tuple(map(tuple, np.round(kept * np.sign(largest), _DIGITS).tolist())),
            spread=float(deviations[0]) if len(kept) else 1.0,
        )

    @property
    def n_kept(self) -> int:
        """Number of components."""
        return len(self.components)

    def project(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return ``(cases, kept)`` of ``(cases, width)``."""
        components = np.reshape(self.components, (-1, len(self.centre)))
        # Without BLAS, whose last digits hang on the number of cases.
        scores = np.einsum("cw,kw->ck", vectors - np.array(self.centre), components)
        return np.asarray(scores / self.spread, np.float64)


def _in_one_order(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sort the rows by their bytes: the last digits of a sum hang on its order."""
    rows = np.ascontiguousarray(vectors).view(f"V{vectors.shape[1] * vectors.itemsize}")
    return vectors[np.argsort(rows[:, 0])]
