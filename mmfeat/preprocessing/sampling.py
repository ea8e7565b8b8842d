"""Sample a volume on a grid, with the numbers of MONAI's ``Spacing``, only faster."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.grids import Grid
from mmfeat.preprocessing.in_memory import InMemory
from mmfeat.preprocessing.memory_order import Box, axes_back, slowest_first
from mmfeat.preprocessing.separable import straight_slices
from mmfeat.preprocessing.tilted import tilted_slices
from mmfeat.volumes.volume import Volume


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
    laid = InMemory.of(volume.hu, grid)
    if laid.is_straight:
        slices = straight_slices(laid.source, laid.taps())
    else:
        slices = tilted_slices(laid.source, laid.to_source, laid.shape)
    _, n_rows, n_columns = laid.shape
    first, second, third = laid.back
    for index, values in enumerate(slices):
        in_memory = (slice(index, index + 1), slice(0, n_rows), slice(0, n_columns))
        box = (in_memory[first], in_memory[second], in_memory[third])
        yield box, values[None].transpose(laid.back)
