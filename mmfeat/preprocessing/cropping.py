"""Cut and pad volumes about a centre."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.memory_order import Box
from mmfeat.volumes.volume import HuArray

Size = tuple[int, int, int]


def centre_box(shape: Sequence[int], size: Size) -> Box:
    """Return the box of at most ``size`` voxels about the centre of an array.

    Its place is that of MONAI's ``CenterSpatialCrop``: from ``n // 2 - size // 2``. An axis shorter
    than ``size`` stays whole.

    Example:
        >>> centre_box((10, 9, 3), (4, 4, 4))
        (slice(3, 7, None), slice(2, 6, None), slice(0, 3, None))
    """
    first, second, third = (
        slice(max(n // 2 - wanted // 2, 0), min(max(n // 2 - wanted // 2, 0) + wanted, n))
        for n, wanted in zip(shape, size, strict=True)
    )
    return first, second, third


def padding_box(shape: Sequence[int], size: Size) -> Box:
    """Return where an array lies once every axis shorter than ``size`` is padded up to it.

    Its place is that of MONAI's ``SpatialPad``: in the middle, an odd voxel goes to the end.

    Example:
        >>> padding_box((10, 2, 3), (4, 5, 4))
        (slice(0, 10, None), slice(1, 3, None), slice(0, 3, None))
    """
    first, second, third = (
        slice(max(wanted - n, 0) // 2, max(wanted - n, 0) // 2 + n)
        for n, wanted in zip(shape, size, strict=True)
    )
    return first, second, third


def cut_out_multiples(
    values: HuArray, box: Box, size: Size, *, pad_value: float
) -> NDArray[np.float32]:
    """Return a box grown about its centre to a multiple of ``size`` along each axis, as a copy.

    What MONAI's ``CropForeground(k_divisible=size)`` makes of a foreground: the volume about it is
    taken in, and beyond the volume ``pad_value`` stands.

    Example:
        >>> values = np.arange(6, dtype=np.float32).reshape(6, 1, 1)
        >>> grown = cut_out_multiples(values, (slice(3, 6), slice(0, 1), slice(0, 1)), (5, 1, 1),
        ...     pad_value=-1)
        >>> grown.ravel()
        array([ 2.,  3.,  4.,  5., -1.], dtype=float32)
    """
    shape = [-(-(side.stop - side.start) // n) * n for side, n in zip(box, size, strict=True)]
    starts = [
        side.start - (wanted - (side.stop - side.start)) // 2
        for side, wanted in zip(box, shape, strict=True)
    ]
    grown = np.full(shape, pad_value, np.float32)
    inside = [
        slice(max(start, 0), min(start + wanted, n))
        for start, wanted, n in zip(starts, shape, values.shape, strict=True)
    ]
    place = tuple(
        slice(side.start - start, side.stop - start)
        for side, start in zip(inside, starts, strict=True)
    )
    grown[place] = values[tuple(inside)]
    return grown
