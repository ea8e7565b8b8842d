"""Average blocks of voxels, so that a coarser grid shows all of them and not every n-th."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.memory_order import axes_back, slowest_first
from mmfeat.volumes.volume import HuArray, Volume

BlockMeans = Callable[[HuArray, Sequence[int]], NDArray[np.float32]]


def block_means(hu: HuArray, factors: Sequence[int]) -> NDArray[np.float32]:
    """Average blocks, a layer of them at a time, so that only the layer is in floats."""
    order = slowest_first(hu)
    in_memory = hu.transpose(order)
    deep, high, wide = (factors[axis] for axis in order)
    shape = [hu.shape[axis] // factors[axis] for axis in order]
    means = np.empty(shape, np.float32)
    for index, mean in enumerate(means):
        layer = _block_sums(in_memory[index * deep : (index + 1) * deep], 0, deep)
        mean[...] = _block_sums(_block_sums(layer, 1, high), 2, wide)[0]
        mean /= np.float32(deep * high * wide)
    return means.transpose(axes_back(order))


def average_towards(
    volume: Volume,
    spacing_mm: tuple[float, float, float],
    *,
    block_means: BlockMeans = block_means,
) -> Volume:
    """Average blocks of whole voxels that are at most ``spacing_mm`` long along each axis.

    What follows is usually an interpolation to ``spacing_mm`` exactly, which alone would skip
    voxels. An axis that is as coarse already stays as it is; voxels left over at its far end are
    dropped. Means are float32; a volume without anything to average is returned as it is.

    Args:
        volume: The volume.
        spacing_mm: How long a block may be along each axis.
        block_means: What averages blocks of so many voxels.

    Example:
        >>> volume = Volume(np.arange(5, dtype=np.int16).reshape(5, 1, 1), np.eye(4))
        >>> averaged = average_towards(volume, (2.5, 1.0, 1.0))
        >>> averaged.hu.ravel(), averaged.affine[0, 3]
        (array([0.5, 2.5], dtype=float32), np.float64(0.5))
    """
    # Rounding of a header must not turn blocks of 2 x 0.5 mm for 1 mm into single voxels.
    factors = [
        min(max(int(wanted / old + 1e-3), 1), n)
        for wanted, old, n in zip(spacing_mm, volume.spacing_mm, volume.hu.shape, strict=True)
    ]
    if factors == [1, 1, 1]:
        return volume
    blocks = np.diag([*factors, 1.0])
    blocks[:3, 3] = [(factor - 1) / 2 for factor in factors]
    return dataclasses.replace(
        volume, hu=block_means(volume.hu, factors), affine=volume.affine @ blocks
    )


def _block_sums(values: HuArray, axis: int, factor: int) -> NDArray[np.float32]:
    whole = values.shape[axis] // factor * factor
    before = (slice(None),) * axis
    total = values[(*before, slice(0, whole, factor))].astype(np.float32)
    for offset in range(1, factor):
        total += values[(*before, slice(offset, whole, factor))]
    return total
