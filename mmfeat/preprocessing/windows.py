"""Cut a volume into windows of the size that a network takes."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.cropping import Size, padding_box
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
    _check_overlap(overlap)
    starts = [
        range(0, max(n - wanted, 0) + step, step)
        for n, wanted, step in zip(
            values.shape, size, [round(n - n * overlap) for n in size], strict=True
        )
    ]
    return _cut(values, starts, size, pad_value)


def inference_windows(
    values: HuArray, size: Size, *, overlap: float, pad_value: float
) -> NDArray[np.float32]:
    """Cut a volume into windows of which the last one on each axis ends where the volume does.

    Those of MONAI's ``sliding_window_inference(roi_size=size, overlap=overlap)``, in its order. A
    volume shorter than a window is padded about its middle; no other window has padding in it.

    Shape:
        - Output: ``(windows, *size)``, a copy.

    Args:
        values: The volume.
        size: Size of a window, in voxels.
        overlap: Smallest share of a window that it has in common with the next, from 0 to below 1.
        pad_value: What stands in the padding.
    """
    _check_overlap(overlap)
    starts = []
    for n, wanted in zip(values.shape, size, strict=True):
        step = max(int(wanted * (1 - overlap)), 1)
        last = max(n - wanted, 0)
        starts.append([*range(0, last, step), last])
    if any(n < wanted for n, wanted in zip(values.shape, size, strict=True)):
        padded = np.full(np.maximum(values.shape, size), pad_value, np.float32)
        padded[padding_box(values.shape, size)] = values
        values = padded
    return _cut(values, starts, size, pad_value)


def _check_overlap(overlap: float) -> None:
    if not 0 <= overlap < 1:
        raise ValueError(f"overlap must be at least 0 and below 1, got {overlap}")


def _cut(
    values: HuArray, starts: Sequence[Sequence[int]], size: Size, pad_value: float
) -> NDArray[np.float32]:
    """Cut windows at every combination of starts; what lies beyond the volume is padding."""
    corners = list(itertools.product(*starts))
    windows = np.empty((len(corners), *size), np.float32)
    for window, corner in zip(windows, corners, strict=True):
        part = values[tuple(slice(a, a + n) for a, n in zip(corner, size, strict=True))]
        if part.shape != size:
            window[...] = pad_value
        window[tuple(slice(0, n) for n in part.shape)] = part
    return windows
