"""Find the part of a volume that is not background."""

import math

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.memory_order import Box, axes_back, slowest_first
from mmfeat.volumes.volume import HuArray


def foreground_box(values: HuArray, above: float) -> Box | None:
    """Return the smallest box that holds every voxel above a value, or None when there is none.

    The same box as that of MONAI's ``CropForeground(select_fn=lambda x: x > above)``. Works slice
    by slice as they lie in memory, so that no mask of the whole volume is made.

    Example:
        >>> values = np.zeros((4, 4, 4), np.float32)
        >>> values[1, 2, 1:3] = 5
        >>> foreground_box(values, 0)
        (slice(1, 2, None), slice(2, 3, None), slice(1, 3, None))
    """
    if np.issubdtype(values.dtype, np.integer):
        above = math.floor(above)  # of whole numbers the same ones are above, and none is converted
    order = slowest_first(values)
    in_memory = values.transpose(order)
    slices = np.zeros(in_memory.shape[0], np.bool_)
    seen = np.zeros(in_memory.shape[1:], np.bool_)
    for index, plane in enumerate(in_memory):
        foreground = plane > above
        slices[index] = foreground.any()
        seen |= foreground
    if not slices.any():
        return None
    stretches = _stretch(slices), _stretch(seen.any(axis=1)), _stretch(seen.any(axis=0))
    back = axes_back(order)
    return stretches[back[0]], stretches[back[1]], stretches[back[2]]


def _stretch(line: NDArray[np.bool_] | np.bool_) -> slice:
    inside = np.flatnonzero(line)
    return slice(int(inside[0]), int(inside[-1]) + 1)
