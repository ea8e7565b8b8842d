"""Cut a volume into windows of the size that a network takes."""

import itertools

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.cropping import Size
from mmfeat.volumes.volume import HuArray


def sliding_windows(
    values: HuArray, size: Size, *, overlap: float, pad_value: float
) -> NDArray[np.float32]:
    """Cut a volume into windows on a regular grid that begins at its first voxel.

    The windows cover all of the volume; those at its far ends are padded. They are those of MONAI's
    ``SlidingWindowSplitter(size, overlap, pad_value=...)``, in its order (last axis fastest).
    NOTE: where an axis is shorter than a window and windows overlap, MONAI gives none; here the
        axis is padded to one window.

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
    starts = [
        range(0, max(n - wanted, 0) + step, step)
        for n, wanted, step in zip(
            values.shape, size, [round(n - n * overlap) for n in size], strict=True
        )
    ]
    corners = list(itertools.product(*starts))
    windows = np.empty((len(corners), *size), np.float32)
    for window, corner in zip(windows, corners, strict=True):
        part = values[tuple(slice(a, a + n) for a, n in zip(corner, size, strict=True))]
        if part.shape != size:
            window[...] = pad_value
        window[tuple(slice(0, n) for n in part.shape)] = part
    return windows
