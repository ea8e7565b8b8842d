"""An evenly spread sample of a volume's voxels, with what follows from their order alone."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import HuArray

_MOST_VOXELS = 1_200_000
"""Enough for shares of 0.01 %; a voxel is then about 3 mm wide in a scan of the whole chest."""
_FEWEST_ALONG_AXIS = 16
PERCENTILES = (0.1, 1.0, 25.0, 50.0, 75.0, 99.0, 99.9)


def thinned(hu: HuArray, spacing_mm: tuple[float, float, float]) -> HuArray:
    """Return every n-th voxel along each axis as a copy: about as far apart in all directions.

    Example:
        >>> thinned(np.zeros((50, 512, 512), np.int16), (5.0, 0.7, 0.7)).shape
        (50, 128, 128)
    """
    steps, left = np.ones(3, int), np.array(hu.shape)
    while left.prod() > _MOST_VOXELS:
        distances_mm = np.where(left > _FEWEST_ALONG_AXIS, steps * spacing_mm, np.inf)
        steps[distances_mm.argmin()] *= 2
        left = -(-np.array(hu.shape) // steps)
    return hu[:: steps[0], :: steps[1], :: steps[2]].copy()


@dataclass(frozen=True)
class SortedSample:
    """Answer questions on the distribution of a sample; it is sorted once."""

    values: HuArray

    @cached_property
    def _ordered(self) -> HuArray:
        ordered = self.values.flatten()
        ordered.sort()
        return ordered

    @property
    def n_levels(self) -> int:
        """Number of distinct values."""
        return 1 + int(np.count_nonzero(np.diff(self._ordered)))

    @property
    def percentiles(self) -> dict[str, float]:
        """`PERCENTILES` by their number as text; each is the value of a voxel."""
        found = np.percentile(self._ordered, PERCENTILES, method="nearest")
        return {f"{at:g}": float(value) for at, value in zip(PERCENTILES, found, strict=True)}

    def share_at(self, value: float) -> float:
        """Return the share of voxels that are equal to a value."""
        first, last = (
            np.searchsorted(self._ordered, value, side=side) for side in ("left", "right")
        )
        return float(last - first) / self._ordered.size

    def counts(self, edges: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return how many voxels are in each bin, its lower edge included: ``(edges - 1,)``."""
        return np.diff(np.searchsorted(self._ordered, edges))
