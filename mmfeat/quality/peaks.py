"""The peaks that every CT of a body has: the air around it, and its soft tissue."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.volumes.volume import HuArray

_BIN_HU = 5.0
_SMOOTHING_BINS = 2.0
_FEWEST_VOXELS = 300
"""With fewer, the highest bin is an accident."""
_AIR_RANGE_HU = (-1500.0, -700.0)
_SOFT_TISSUE_RANGE_HU = (-300.0, 300.0)
"""Far wider than what is plausible, so that shifted values are still found."""
_LOWEST_PEAK = 0.3
"""A peak this high beside the highest one counts."""


def air_peak(around: HuArray) -> float | None:
    """Return the commonest value of the voxels around a body, or None if they are too few.

    Example:
        >>> air_peak(np.full(1000, -1000, np.int16))
        -998.0
    """
    histogram = _smooth_histogram(around, _AIR_RANGE_HU)
    return None if histogram is None else _centre(int(histogram.argmax()), _AIR_RANGE_HU)


def soft_tissue_peak(body: HuArray) -> float | None:
    """Return the densest of the commonest values of soft tissue, or None if there is too little.

    In a fat body fat at -100 HU is the highest peak; muscle, blood and organs are the next one.
    """
    histogram = _smooth_histogram(body, _SOFT_TISSUE_RANGE_HU)
    if histogram is None:
        return None
    peaks = high_peaks(histogram)
    return _centre(int(peaks[-1]), _SOFT_TISSUE_RANGE_HU) if peaks.size else None


def high_peaks(histogram: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the bins that stand above both neighbours and are not much lower than the highest.

    Example:
        >>> high_peaks(np.array([0.0, 1, 0, 5, 9, 3, 4, 0]))
        array([4, 6])
    """
    padded = np.pad(histogram, 1)
    above = (histogram > padded[:-2]) & (histogram >= padded[2:])
    return np.flatnonzero(above & (histogram >= _LOWEST_PEAK * histogram.max()))


def _smooth_histogram(values: HuArray, range_hu: tuple[float, float]) -> NDArray[np.float64] | None:
    low, high = range_hu
    # Half a unit off, so that each bin holds as many whole numbers as any other.
    edges = np.arange(low, high + _BIN_HU, _BIN_HU) - 0.5
    counts, _ = np.histogram(values, bins=edges)
    if counts.sum() < _FEWEST_VOXELS:
        return None
    return np.asarray(ndimage.gaussian_filter1d(counts.astype(float), _SMOOTHING_BINS))


def _centre(number: int, range_hu: tuple[float, float]) -> float:
    return range_hu[0] + _BIN_HU * number + (_BIN_HU - 1) / 2
