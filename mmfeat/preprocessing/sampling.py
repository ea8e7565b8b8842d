"""Sample a volume on a grid, with the numbers of MONAI's ``Spacing``, only faster."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.grids import Grid
from mmfeat.preprocessing.memory_order import Box, axes_back, slowest_first
from mmfeat.preprocessing.separable import Taps, straight_slices
from mmfeat.preprocessing.tilted import tilted_slices
from mmfeat.volumes.volume import HuArray, Volume

_STRAIGHT_VOXELS = 1e-4
"""A grid that is off the volume's axes by less than this, anywhere, is sampled axis by axis.

Affines in float32 are rounded to about as much; neighbours that differ by 4,000 HU make it 0.4 HU.
"""


def sample(volume: Volume, grid: Grid) -> Volume:
    """Return the volume's values at the voxels of a grid, interpolated trilinearly.

    Beyond its edge the edge goes on. The values are float32, their axes in memory as in the volume.
    """
    order = slowest_first(volume.hu)
    hu = np.empty([grid.shape[axis] for axis in order], np.float32).transpose(axes_back(order))
    for box, values in sampled_slices(volume, grid):
        hu[box] = values
    return dataclasses.replace(volume, hu=hu, affine=grid.affine)


def sampled_slices(volume: Volume, grid: Grid) -> Iterator[tuple[Box, NDArray[np.float32]]]:
    """Sample a volume as `sample` does, but hand out each slice while the processor's cache has it.

    What an encoder does next to the values then needs no further pass over memory. Slices are cut
    across the axis that is slowest in the volume's memory, whichever that is.

    Yields:
        Where the slice lies on the grid, and its values, of the shape of that box. They may be
        changed, but not kept: the next slice is written over them.
    """
    order = slowest_first(volume.hu)
    source, to_source = _as_in_memory(volume.hu, grid.to_source, order)
    shape = (grid.shape[order[0]], grid.shape[order[1]], grid.shape[order[2]])
    if _off_axes_voxels(to_source, shape) < _STRAIGHT_VOXELS:
        slices = straight_slices(source, _taps(to_source, shape, source.shape))
    else:
        slices = tilted_slices(source, to_source, shape)
    back = axes_back(order)
    for index, values in enumerate(slices):
        in_memory = (slice(index, index + 1), slice(0, shape[1]), slice(0, shape[2]))
        box = (in_memory[back[0]], in_memory[back[1]], in_memory[back[2]])
        yield box, values[None].transpose(back)


def _as_in_memory(
    hu: HuArray, to_source: NDArray[np.float64], order: tuple[int, int, int]
) -> tuple[HuArray, NDArray[np.float64]]:
    """Return the array as it lies in memory, and the grid's matrix for its axes in that order.

    A flipped view, which would be read backwards, is flipped back.
    """
    homogeneous = [*order, 3]
    turned = to_source[np.ix_(homogeneous, homogeneous)]
    hu = hu.transpose(order)
    for axis, stride in enumerate(hu.strides):
        if stride < 0:
            hu = np.flip(hu, axis)
            turned[axis] *= -1
            turned[axis, 3] += hu.shape[axis] - 1
    return hu, turned


def _taps(
    to_source: NDArray[np.float64], shape: tuple[int, int, int], source_shape: tuple[int, ...]
) -> tuple[Taps, Taps, Taps]:
    first, second, third = (
        Taps.at(to_source[axis, 3] + to_source[axis, axis] * np.arange(n), source_shape[axis])
        for axis, n in enumerate(shape)
    )
    return first, second, third


def _off_axes_voxels(to_source: NDArray[np.float64], shape: tuple[int, int, int]) -> float:
    """Return how far a grid strays from the source's axes at most, in voxels of the source."""
    slant = to_source[:3, :3] - np.diag(np.diag(to_source[:3, :3]))
    return float((np.abs(slant) @ (np.array(shape) - 1)).max())
