"""How embeddings vary: scales, principal directions, effective rank, and how alike they are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.stored_vectors import Vectors, blocks_of

Array = NDArray[np.float64]
MOST_ROWS = 2000
"""Rows that the principal directions are taken from, evenly spread over all."""
MOST_COMPONENTS = 64
_CONSTANT = 1e-6
"""A column whose deviation is less than this share of its size is constant, up to rounding."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Hold scales and principal directions of embeddings; they are used standardised, as by heads.

    Shape:
        - ``mean``, ``sd``: ``(width,)``; ``sd`` is 0 where a column is constant.
        - ``directions``: ``(components, width)``, orthonormal, of standardised values.
        - ``variances``: ``(components,)``, the shares of the variance along them, falling.
    """

    mean: Array
    sd: Array
    directions: Array
    variances: Array
    effective_rank: float
    """exp of the entropy of the normalised singular values (Roy and Vetterli 2007): how many
    directions the embeddings really use."""
    mean_cosine: float
    """Of all pairs, of the embeddings as they are."""
    n_rows: int

    @property
    def n_varying(self) -> int:
        """Return the number of columns that are not constant."""
        return int((self.sd > 0).sum())

    @classmethod
    def of(cls, vectors: Vectors, rows: NDArray[np.int64]) -> "Spectrum":
        """Measure the vectors of some rows, block by block.

        Args:
            vectors: ``(cases, width)``, in memory or in files.
            rows: Row numbers of at least two cases.

        Raises:
            ValueError: There are fewer than two rows.
        """
        if len(rows) < 2:
            raise ValueError(f"a spectrum needs two or more rows, got {len(rows)}")
        mean, sd, mean_cosine = _moments(vectors, rows)
        chosen = rows[np.unique(np.linspace(0, len(rows) - 1, MOST_ROWS).astype(np.int64))]
        scaled = _standardised(vectors[chosen], mean, sd)
        scaled -= scaled.mean(axis=0)
        directions, singular = _principal(scaled)
        return cls(
            mean,
            sd,
            directions[:MOST_COMPONENTS],
            (singular**2 / max(float((singular**2).sum()), 1e-300))[:MOST_COMPONENTS],
            _effective_rank(singular),
            mean_cosine,
            len(rows),
        )

    def standardised(self, values: NDArray[np.float32]) -> Array:
        """Return vectors on one scale: ``(rows, width)``, 0 in constant columns."""
        return _standardised(values, self.mean, self.sd)

    def projected(self, vectors: Vectors, rows: NDArray[np.int64]) -> Array:
        """Return the places of some rows along the principal directions: ``(rows, components)``."""
        parts = [
            self.standardised(vectors[rows[block]]) @ self.directions.T
            for block in blocks_of(len(rows))
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.directions)))


def _moments(vectors: Vectors, rows: NDArray[np.int64]) -> tuple[Array, Array, float]:
    """Return mean, deviation and the mean cosine of all pairs, in two passes."""
    width = vectors.shape[1]
    total, of_units, n_units = np.zeros(width), np.zeros(width), 0
    for block in blocks_of(len(rows)):
        values = vectors[rows[block]].astype(np.float64)
        total += values.sum(axis=0)
        lengths = np.linalg.norm(values, axis=1)
        of_units += (values[lengths > 0] / lengths[lengths > 0, None]).sum(axis=0)
        n_units += int((lengths > 0).sum())
    mean = total / len(rows)
    squares = np.zeros(width)
    for block in blocks_of(len(rows)):
        squares += ((vectors[rows[block]].astype(np.float64) - mean) ** 2).sum(axis=0)
    sd = np.sqrt(squares / len(rows))
    sd[sd <= _CONSTANT * np.abs(mean)] = 0.0
    n_pairs = n_units * (n_units - 1)
    cosine = (float(of_units @ of_units) - n_units) / n_pairs if n_pairs else float("nan")
    return mean, sd, cosine


def _standardised(values: NDArray[np.float32], mean: Array, sd: Array) -> Array:
    scaled = (values.astype(np.float64) - mean) / np.where(sd > 0, sd, 1.0)
    return np.where(sd > 0, scaled, 0.0)


def _principal(scaled: Array) -> tuple[Array, Array]:
    """Return directions ``(components, width)`` and singular values, by the smaller Gram matrix."""
    n_rows, width = scaled.shape
    gram = scaled.T @ scaled if width <= n_rows else scaled @ scaled.T
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1], vectors[:, ::-1]
    keep = values > max(float(values[0]), 1e-300) * 1e-10
    singular = np.sqrt(values[keep])
    directions = vectors[:, keep].T
    if width > n_rows:
        directions = (directions @ scaled) / singular[:, None]
    return directions, singular


def _effective_rank(singular: Array) -> float:
    if not len(singular) or singular.sum() == 0:
        return 0.0
    shares = singular / singular.sum()
    return float(np.exp(-(shares * np.log(shares)).sum()))
