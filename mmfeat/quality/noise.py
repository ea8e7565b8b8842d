"""Noise: the standard deviation that is commonest in small pieces of soft tissue."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.quality.peaks import high_peaks
from mmfeat.volumes.volume import HuArray

_BLOCK_MM = 6.0
_SMALLEST_BLOCK = 4
_SOFT_TISSUE_HU = (0.0, 170.0)
_MOST_SLICES = 16
_FEWEST_BLOCKS = 120
_BINS = np.geomspace(0.2, 1000.0, 426)
"""Two per cent wide each."""
_SMOOTHING_BINS = 6.0


def noise_hu(upright: HuArray, spacing_mm: tuple[float, float, float]) -> float | None:
    """Estimate the noise as the global noise level of Christianson et al. (AJR 2015; 205: W93).

    In axial slices, the standard deviation is taken in squares of 6 mm whose mean is that of soft
    tissue; the mode of its histogram belongs to the squares without an edge in them.

    NOTE: they slide a square over every slice; here squares lie side by side in some slices, which
        is faster. Of several modes the lowest counts, since edges only add. The histogram is over
        the logarithm: the mode of log s is log sigma where s^2 is a variance of normal values.

    Args:
        upright: ``(superior, posterior, left)``.
        spacing_mm: Of these axes. Voxels above 1.5 mm make the squares larger: 4 voxels at least.

    Returns:
        The noise, or None where soft tissue is too little to tell.
    """
    sides = [max(_SMALLEST_BLOCK, round(_BLOCK_MM / pixel_mm)) for pixel_mm in spacing_mm[1:]]
    chosen = np.linspace(0, len(upright) - 1, min(len(upright), _MOST_SLICES)).round().astype(int)
    means, deviations = zip(*(_blocks(upright[number], sides) for number in chosen), strict=True)
    mean, deviation = np.concatenate(means), np.concatenate(deviations)
    low, high = _SOFT_TISSUE_HU
    deviation = deviation[(mean > low) & (mean < high)]
    if deviation.size < _FEWEST_BLOCKS:
        return None
    if np.median(deviation) < _BINS[0]:
        return 0.0
    counts, _ = np.histogram(deviation, bins=_BINS)
    smooth = ndimage.gaussian_filter1d(counts.astype(float), _SMOOTHING_BINS)
    lowest = int(high_peaks(smooth)[0])
    return float(np.sqrt(_BINS[lowest] * _BINS[lowest + 1]))


def _blocks(axial: HuArray, sides: list[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mean and deviation of the squares that a slice is cut into, both flat."""
    rows, columns = (n // side for n, side in zip(axial.shape, sides, strict=True))
    whole = axial[: rows * sides[0], : columns * sides[1]].astype(np.float32)
    blocks = whole.reshape(rows, sides[0], columns, sides[1]).transpose(0, 2, 1, 3)
    flat = blocks.reshape(rows * columns, sides[0] * sides[1])
    return flat.mean(axis=1), flat.std(axis=1, ddof=1)
