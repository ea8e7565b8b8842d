"""How far a vector is from those that a model was trained on, and how usual so far a vector is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
MOST_COMPONENTS = 32
_CASES_TO_A_COMPONENT = 5
"""Fewest; the variance along a direction is not known from fewer."""
_N_QUANTILES = 1001


@dataclass(frozen=True)
class Spread:
    """The covariance of vectors by probabilistic principal components (Tipping and Bishop 1999).

    Along a few directions the variance is the vectors' own; along all others it is one number, the
    mean of what is left. So there is a Mahalanobis distance also where there are fewer vectors than
    numbers in each.

    Shape:
        - ``centre``, ``scale``: ``(width,)``; what is subtracted, and then divided by. A number
          that does not vary is left as it is, so that it counts as far once it does.
        - ``directions``: ``(components, width)``, orthonormal.
        - ``variances``: ``(components,)``.
    """

    centre: Array
    scale: Array
    directions: Array
    variances: Array
    noise: float
    """Variance along every other direction."""

    @classmethod
    def fit(cls, vectors: ArrayLike) -> Self:
        """Fit to vectors ``(cases, width)``, two or more."""
        values = np.asarray(vectors, np.float64)
        n_cases, width = values.shape
        if n_cases < 2:
            raise ValueError(f"a spread needs two vectors or more, got {n_cases}")
        centre, sd = values.mean(axis=0), values.std(axis=0)
        scale = np.where(sd > 0, sd, 1.0)
        scaled = (values - centre) / scale
        n_components = min(MOST_COMPONENTS, n_cases // _CASES_TO_A_COMPONENT, width - 1)
        if n_components < 1:
            directions, variances = np.zeros((0, width)), np.zeros(0)
        elif width <= n_cases:
            last = (width - n_components, width - 1)
            found, vectors_of = scipy.linalg.eigh(scaled.T @ scaled / n_cases, subset_by_index=last)
            directions, variances = vectors_of.T[::-1], found[::-1]
        else:
            last = (n_cases - n_components, n_cases - 1)
            found, vectors_of = scipy.linalg.eigh(scaled @ scaled.T / n_cases, subset_by_index=last)
            found = np.maximum(found, np.finfo(np.float64).tiny)
            directions = (vectors_of.T @ scaled / np.sqrt(n_cases * found)[:, None])[::-1]
            variances = found[::-1]
        left = max(float((scaled**2).sum() / n_cases - variances.sum()), 0.0)
        noise = max(left / (width - len(variances)), 1e-12)
        return cls(centre, scale, directions, np.maximum(variances, noise), noise)

    def distances(self, vectors: ArrayLike) -> Array:
        """Return the Mahalanobis distance of each vector, over the root of the width: ``(cases,)``.

        It is about 1 for vectors of the kind that was fitted to, if there were enough of those.
        """
        scaled = (np.asarray(vectors, np.float64) - self.centre) / self.scale
        along = scaled @ self.directions.T
        left = np.maximum((scaled**2).sum(axis=1) - (along**2).sum(axis=1), 0.0)
        squared = (along**2 / self.variances).sum(axis=1) + left / self.noise
        return np.asarray(np.sqrt(squared / scaled.shape[1]))


@dataclass(frozen=True)
class FeatureDistance:
    """Tell how far new vectors are, and which share of known cases is at least as far.

    The share is of cases that the spread was not fitted to, fold by fold: those that it was fitted
    to are always nearer, the more so the fewer they are.
    """

    spread: Spread
    quantiles: Array
    """Distances of known cases at even steps from the smallest to the largest."""

    @classmethod
    def fit(
        cls, vectors: ArrayLike, parts: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]
    ) -> Self | None:
        """Fit to vectors; None where there are too few to say how far is usual.

        Args:
            vectors: ``(cases, width)``.
            parts: Row numbers to fit to and, apart from them, to measure; of each fold.
        """
        values = np.asarray(vectors, np.float64)
        measured = [
            Spread.fit(values[fitted]).distances(values[apart])
            for fitted, apart in parts
            if len(fitted) >= 2 and len(apart)
        ]
        if not measured:
            return None
        learnt = np.unique(np.concatenate([fitted for fitted, _ in parts]))
        known = np.concatenate(measured)
        quantiles = np.quantile(known, np.linspace(0, 1, min(len(known), _N_QUANTILES)))
        return cls(Spread.fit(values[learnt]), quantiles)

    def measure(self, vectors: ArrayLike) -> tuple[Array, Array]:
        """Return of each vector its distance, and the share of known cases at least as far."""
        distances = self.spread.distances(vectors)
        n_farther = len(self.quantiles) - np.searchsorted(self.quantiles, distances, side="left")
        return distances, n_farther / len(self.quantiles)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {
            "centre": self.spread.centre,
            "scale": self.spread.scale,
            "directions": np.ascontiguousarray(self.spread.directions),
            "variances": np.ascontiguousarray(self.spread.variances),
            "noise": np.array([self.spread.noise]),
            "quantiles": self.quantiles,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make one of what `to_arrays` returned."""
        spread = Spread(
            arrays["centre"],
            arrays["scale"],
            arrays["directions"],
            arrays["variances"],
            float(arrays["noise"][0]),
        )
        return cls(spread, arrays["quantiles"])
