"""Trilinear interpolation on a grid that is tilted against a volume's axes: eight neighbours."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.separable import blend
from mmfeat.volumes.volume import HuArray


def tilted_slices(
    source: HuArray, to_source: NDArray[np.float64], shape: tuple[int, int, int]
) -> Iterator[NDArray[np.float32]]:
    """Interpolate a volume at the voxels of any grid; beyond its edge the edge goes on.

    The eight neighbours are gathered a slice at a time, and only they are turned into floats.

    Shape:
        - ``source``: ``(n_0, n_1, n_2)``; copied unless it is contiguous.
        - ``to_source``: ``(4, 4)``, maps an index of the grid to one of the source.
        - Yields: ``shape[1:]`` for each index of ``shape[0]``.
    """
    flat = source.reshape(-1)
    strides = (source.shape[1] * source.shape[2], source.shape[2], 1)
    # An axis of one voxel has no neighbour: the step to it leads nowhere.
    steps = [stride * (n > 1) for stride, n in zip(strides, source.shape, strict=True)]
    rows, columns = np.arange(shape[1])[:, None], np.arange(shape[2])
    slants = [row[1] * rows + row[2] * columns for row in to_source[:3]]  # in voxels, per slice
    for index in range(shape[0]):
        corner = np.zeros(shape[1:], np.intp)
        weights = []
        for axis, slant in enumerate(slants):
            last = source.shape[axis] - 1
            place = np.clip(slant + (to_source[axis, 3] + to_source[axis, 0] * index), 0, last)
            lower = np.minimum(place.astype(np.intp), max(last - 1, 0))
            weights.append((place - lower).astype(np.float32))
            corner += lower * strides[axis]
        yield _trilinear(flat, corner, steps, weights)


def _trilinear(
    flat: HuArray,
    corner: NDArray[np.intp],
    steps: list[int],
    weights: list[NDArray[np.float32]],
) -> NDArray[np.float32]:
    """Blend the neighbours that lie a step on from ``corner`` along each of the axes."""
    if not steps:
        return flat.take(corner).astype(np.float32, copy=False)
    lower = _trilinear(flat, corner, steps[1:], weights[1:])
    upper = _trilinear(flat[steps[0] :], corner, steps[1:], weights[1:])
    blend(lower, upper, weights[0])
    return lower
