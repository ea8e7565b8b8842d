"""Standardise embeddings column by column, fitted to the training part only."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.scaling import CLIP_SD, moments

_ROWS_AT_ONCE = 128
"""Few enough that the steps of scaling pass over numbers that are still close to the core."""
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

    @classmethod
    def fit_in_blocks(cls, blocks: Iterable[NDArray[np.float32]], *, width: int) -> "VectorScaling":
        """Take mean and deviation of rows that come in blocks, in one pass over them.

        The same as ``fit`` up to rounding, after Chan, Golub and LeVeque (1983).

        Shape:
            - ``blocks``: each ``(rows, width)``.
        """
        n_rows, mean, squares = 0, np.zeros(width), np.zeros(width)
        lowest, highest = np.full(width, np.inf), np.full(width, -np.inf)
        for block in blocks:
            if not len(block):
                continue
            of_block = block.mean(axis=0, dtype=np.float64)
            shift = of_block - mean
            both = n_rows + len(block)
            squares += len(block) * block.var(axis=0, dtype=np.float64)
            squares += shift**2 * (n_rows * len(block) / both)
            mean += shift * (len(block) / both)
            n_rows = both
            lowest = np.minimum(lowest, block.min(axis=0))
            highest = np.maximum(highest, block.max(axis=0))
        if not n_rows:
            return cls(mean=mean, sd=squares)
        sd = np.sqrt(squares / n_rows)
        rounding = np.finfo(np.float32).eps * np.maximum(np.abs(lowest), np.abs(highest))
        sd[(sd <= rounding) | (lowest == highest)] = 0.0
        return cls(mean=mean, sd=sd)

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.mean)

    def scale(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Standardise ``(rows, width)`` and clip it to +-10 deviations."""
        scaled = np.empty(vectors.shape, dtype=np.float32)
        divisor = np.where(self.sd > 0, self.sd, 1.0)
        exact = np.empty((min(_ROWS_AT_ONCE, len(vectors)), self.width))
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            rows = vectors[start : start + _ROWS_AT_ONCE]
            part = exact[: len(rows)]
            np.subtract(rows, self.mean, out=part)
            np.divide(part, divisor, out=part)
            np.clip(part, -CLIP_SD, CLIP_SD, out=part)
            part[:, self.sd == 0] = 0.0
            scaled[start : start + len(rows)] = part
        return scaled
