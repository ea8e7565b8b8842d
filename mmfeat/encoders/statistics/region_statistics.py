"""Numbers that describe the values inside a region of a CT volume: how dense, how textured."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.encoders.statistics.measured import PERCENTILES

Hu = NDArray[np.float32]
Mask = NDArray[np.bool_]

_TEXTURE_VOXELS = (1, 2, 4)


def percentiles(values: Hu) -> list[float]:
    """Return the `PERCENTILES` of some values, then their deviation; zeros when there are none."""
    if not values.size:
        return [0.0] * (len(PERCENTILES) + 1)
    return [*np.percentile(values, PERCENTILES).tolist(), float(values.std())]


def shares_below(values: Hu, thresholds_hu: Sequence[float]) -> list[float]:
    """Return the share of some values that lies below each threshold; zeros when there are none."""
    if not values.size:
        return [0.0] * len(thresholds_hu)
    return [float((values < threshold).mean()) for threshold in thresholds_hu]


def band_shares(values: Hu, starts_hu: Sequence[float]) -> list[float]:
    """Return the share of some values in each band, from one start to the next; the last is open.

    Example:
        >>> band_shares(np.array([-1000, 10, 50, 900], np.float32), (-1024, 0, 100))
        [0.25, 0.5, 0.25]
    """
    counts, _ = np.histogram(values, [*starts_hu, np.inf])
    return [float(count) / max(values.size, 1) for count in counts]


def texture(hu: Hu, regions: Sequence[Mask]) -> list[float]:
    """Return the deviation of three bands of detail in each region: from 1 to 2, 4 and 8 voxels.

    A band is the difference of two running means, of which one is twice as wide as the other.
    """
    found: list[list[float]] = [[] for _ in regions]
    finer = hu
    for voxels in _TEXTURE_VOXELS:
        coarser = ndimage.uniform_filter(hu, 2 * voxels, mode="nearest")
        for values, region in zip(found, regions, strict=True):
            inside = (finer - coarser)[region]
            values.append(float(inside.std()) if inside.size else 0.0)
        finer = coarser
    return [value for values in found for value in values]
