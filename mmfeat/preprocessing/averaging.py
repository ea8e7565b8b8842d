"""Average blocks of voxels, so that a coarser grid shows all of them and not every n-th."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import Volume


def average_towards(volume: Volume, spacing_mm: tuple[float, float, float]) -> Volume:
    """Average blocks of whole voxels that are at most ``spacing_mm`` long along each axis.

    What follows is usually an interpolation to ``spacing_mm`` exactly, which alone would skip voxels. An
    axis that is as coarse already stays as it is; voxels left over at its far end are dropped.

    Example:
        >>> volume = Volume(np.arange(5, dtype=np.float32).reshape(5, 1, 1), np.eye(4))
        >>> averaged = average_towards(volume, (2.5, 1.0, 1.0))
        >>> averaged.hu.ravel(), averaged.affine[0, 3]
        (array([0.5, 2.5], dtype=float32), np.float64(0.5))
    """
    # Rounding of a header must not turn blocks of 2 x 0.5 mm for 1 mm into single voxels.
    factors = [
        min(max(int(wanted / old + 1e-3), 1), n)
        for wanted, old, n in zip(spacing_mm, volume.spacing_mm, volume.hu.shape, strict=True)
    ]
    hu = volume.hu
    for axis in sorted(range(3), key=lambda axis: -abs(hu.strides[axis])):
        hu = _block_mean(hu, axis, factors[axis])
    blocks = np.diag([*factors, 1.0])
    blocks[:3, 3] = [(factor - 1) / 2 for factor in factors]
    return Volume(hu=hu, affine=volume.affine @ blocks, header=volume.header)


def _block_mean(values: NDArray[np.float32], axis: int, factor: int) -> NDArray[np.float32]:
    if factor == 1:
        return values
    whole = values.shape[axis] // factor * factor
    before = (slice(None),) * axis
    total = values[(*before, slice(0, whole, factor))].copy()
    for offset in range(1, factor):
        total += values[(*before, slice(offset, whole, factor))]
    total /= np.float32(factor)
    return total
