"""Bring arrays to a size by cropping and padding about their centre, channels and all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.cropping import Size, centre_box, padding_box

Corner = tuple[int, int, int]


def fit_about_centre(
    values: NDArray[Any], size: Size, *, pad_value: float
) -> tuple[NDArray[Any], Corner]:
    """Crop axes that are longer than wanted, and pad those that are shorter.

    As MONAI's ``CenterSpatialCrop`` followed by ``SpatialPad``. Whole numbers stay whole numbers
    where ``pad_value`` is one that fits them. What already has the size is returned as it is.

    Shape:
        - ``values``: ``(..., n_0, n_1, n_2)``; the result is ``(..., *size)``.

    Returns:
        The values, and where their first voxel lies in the given array; below 0 in padding.

    Example:
        >>> fitted, corner = fit_about_centre(np.arange(4).reshape(4, 1, 1), (2, 3, 1), pad_value=9)
        >>> fitted[:, :, 0].tolist(), corner
        ([[9, 1, 9], [9, 2, 9]], (1, -1, 0))
    """
    shape = values.shape[-3:]
    crop = centre_box(shape, size)
    cut = values[(..., *crop)]
    place = padding_box(cut.shape[-3:], size)
    first, second, third = (
        kept.start - inside.start for kept, inside in zip(crop, place, strict=True)
    )
    if cut.shape[-3:] == size:
        return cut, (first, second, third)
    whole = np.issubdtype(values.dtype, np.integer)
    fits = whole and float(pad_value).is_integer() and _holds(values.dtype, pad_value)
    padded = np.full((*values.shape[:-3], *size), pad_value, values.dtype if fits else np.float32)
    padded[(..., *place)] = cut
    return padded, (first, second, third)


def multiple_of(shape: tuple[int, ...], numbers: Size, *, larger: bool) -> Size:
    """Return the nearest size whose axes are multiples of numbers: not smaller, or not larger.

    Example:
        >>> multiple_of((30, 28, 5), (14, 14, 4), larger=False)
        (28, 28, 4)
        >>> multiple_of((30, 28, 5), (14, 14, 4), larger=True)
        (42, 28, 8)
    """
    first, second, third = (
        (-(-n // number) if larger else n // number) * number
        for n, number in zip(shape, numbers, strict=True)
    )
    return first, second, third


def _holds(kind: np.dtype[Any], value: float) -> bool:
    limits = np.iinfo(kind)
    return bool(limits.min <= value <= limits.max)
