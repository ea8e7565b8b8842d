"""Standardise embeddings column by column, fitted to the training part only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.scaling import moments, standardise

_ROWS_AT_ONCE = 4096
_COLUMNS_AT_ONCE = 256


@dataclass(frozen=True)
class VectorScaling:
    """Hold mean and deviation of each column of the training part's vectors.

    Shape:
        - ``mean``, ``sd``: ``(width,)``, float64; a deviation of 0 marks a constant column, which
          becomes 0.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Check shapes and values."""
        if self.mean.ndim != 1 or self.mean.shape != self.sd.shape:
            found = f"{self.mean.shape} and {self.sd.shape}"
            raise ValueError(f"mean and sd must be of one shape (width,), got {found}")
        if not (
            np.isfinite(self.mean).all() and np.isfinite(self.sd).all() and (self.sd >= 0).all()
        ):
            raise ValueError("mean and sd must be finite, and sd not negative")

    @classmethod
    def fit(cls, vectors: NDArray[np.float32]) -> "VectorScaling":
        """Take mean and deviation of each column of ``(rows, width)``; zeros without rows."""
        width = vectors.shape[1]
        mean, sd = np.zeros(width), np.zeros(width)
        for start in range(0, width, _COLUMNS_AT_ONCE):  # a float64 copy of some columns only
            columns = slice(start, start + _COLUMNS_AT_ONCE)
            mean[columns], sd[columns] = moments(vectors[:, columns])
        return cls(mean=mean, sd=sd)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.mean)

    def scale(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standardise ``(rows, width)`` and clip it to +-10 deviations."""
        scaled = np.empty(vectors.shape, dtype=np.float32)
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            scaled[rows] = standardise(vectors[rows], self.mean, self.sd)
        return scaled
