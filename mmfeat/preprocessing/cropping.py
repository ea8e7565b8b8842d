"""Cut and pad volumes: to the box of the foreground, about the centre, into windows."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[slice, slice, slice]
Size = tuple[int, int, int]


def foreground_box(values: NDArray[np.float32], above: float) -> Box | None:
    """Return the smallest box that holds every voxel above a value, or None when there is none.

    The same box as that of MONAI's ``CropForeground(select_fn=lambda x: x > above)``.

    Example:
        >>> values = np.zeros((4, 4, 4), np.float32)
        >>> values[1, 2, 1:3] = 5
        >>> foreground_box(values, 0)
        (slice(1, 2, None), slice(2, 3, None), slice(1, 3, None))
    """
    foreground = values > above
    if not foreground.any():
        return None
    first, second, third = (
        _stretch(np.any(foreground, axis=others)) for others in ((1, 2), (0, 2), (0, 1))
    )
    return first, second, third


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


def pad_about_centre(values: NDArray[np.float32], size: Size, value: float) -> NDArray[np.float32]:
    """Pad every axis shorter than ``size`` up to it, as MONAI's ``SpatialPad``.

    An odd voxel goes to the end.

    Example:
        >>> pad_about_centre(np.ones((1, 1, 2), np.float32), (1, 1, 5), 0)
        array([[[0., 1., 1., 0., 0.]]], dtype=float32)
    """
    missing = [max(wanted - n, 0) for n, wanted in zip(values.shape, size, strict=True)]
    return _padded(values, [(width // 2, width - width // 2) for width in missing], value)


def sliding_windows(
    values: NDArray[np.float32], size: Size, *, overlap: float, pad_value: float
) -> NDArray[np.float32]:
    """Cut a volume into windows on a regular grid that begins at its first voxel.

    The volume is padded at its far ends, so that the windows cover all of it. They are those of
    MONAI's ``SlidingWindowSplitter(size, overlap, pad_value=...)``, in its order (last axis
    fastest).
    NOTE: where an axis is shorter than a window and windows overlap, MONAI gives none; here the
        axis is
    padded to one window.

    Shape:
        - Output: ``(windows, *size)``, a copy.

    Args:
        values: The volume.
        size: Size of a window, in voxels.
        overlap: Share of a window that it has in common with the next, from 0 to below 1.
        pad_value: What stands in the padding.
    """
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap must be at least 0 and below 1, got {overlap}")
    steps = [round(n - n * overlap) for n in size]
    missing = [
        wanted - n if n < wanted else (wanted - n) % step
        for n, wanted, step in zip(values.shape, size, steps, strict=True)
    ]
    padded = _padded(values, [(0, width) for width in missing], pad_value)
    starts = [
        range(0, n - wanted + 1, step)
        for n, wanted, step in zip(padded.shape, size, steps, strict=True)
    ]
    corners = list(itertools.product(*starts))
    windows = np.empty((len(corners), *size), np.float32)
    for window, corner in zip(windows, corners, strict=True):
        window[...] = padded[tuple(slice(a, a + n) for a, n in zip(corner, size, strict=True))]
    return windows


def _stretch(line: NDArray[np.bool_] | np.bool_) -> slice:
    inside = np.flatnonzero(line)
    return slice(int(inside[0]), int(inside[-1]) + 1)


def _padded(
    values: NDArray[np.float32], widths: list[tuple[int, int]], value: float
) -> NDArray[np.float32]:
    if not any(before or after for before, after in widths):
        return values
    return np.pad(values, widths, constant_values=value)
