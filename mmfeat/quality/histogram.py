"""The histogram of a volume as people look at it: a fixed axis, and what lies beyond its ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.quality.body_axes import upright
from mmfeat.quality.sample import SortedSample, thinned
from mmfeat.volumes.volume import Volume

LOWEST_HU, HIGHEST_HU, BIN_HU = -1250.0, 1750.0, 25.0


@dataclass(frozen=True)
class Histogram:
    """Hold the share of voxels in each bin of 25 HU, from -1250 to 1750 HU."""

    shares: tuple[float, ...]
    below_share: float
    """Of voxels below the first bin ..."""
    above_share: float
    """... and above the last."""

    @staticmethod
    def of(volume: Volume) -> "Histogram":
        """Count an evenly spread sample of a volume's voxels."""
        counts = SortedSample(thinned(*upright(volume))).counts(
            np.array([-np.inf, *edges_hu().tolist(), np.inf])
        )
        below, *shares, above = (counts / counts.sum()).tolist()
        return Histogram(tuple(shares), below, above)

    def heights(self) -> NDArray[np.float64]:
        """Return how high to draw each bin, 0 to 1: by the root, or air would hide all else."""
        roots = np.sqrt(self.shares)
        return np.asarray(roots / max(roots.max(), 1e-9))


def edges_hu() -> NDArray[np.float64]:
    """Return the edges of the bins: ``(bins + 1,)``, half a unit below whole numbers."""
    return np.arange(LOWEST_HU, HIGHEST_HU + BIN_HU, BIN_HU) - 0.5
