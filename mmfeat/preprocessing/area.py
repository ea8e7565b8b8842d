"""Bring a volume to a given number of voxels, each the average of what it covers."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.memory_order import axes_back, slowest_first
from mmfeat.volumes.volume import HuArray


def average_onto(values: HuArray, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Average a volume onto a shape; a voxel that reaches into two new ones counts in both.

    The same numbers as MONAI's ``Resize(shape, mode="area")``, up to rounding. An axis that grows
    repeats voxels. Works slice by slice as they lie in memory; sums are float64, so that those of
    whole numbers are exact.

    Example:
        >>> average_onto(np.array([[[0, 3, 6]]], np.int16), (1, 1, 2))
        array([[[1.5, 4.5]]], dtype=float32)
    """
    order = slowest_first(values)
    in_memory = values.transpose(order)
    first, second, third = (shape[axis] for axis in order)
    averaged = np.empty((first, second, third), np.float32)
    for plane, start, stop in zip(averaged, *_bins(in_memory.shape[0], first), strict=True):
        slices = in_memory[start:stop].mean(axis=0, dtype=np.float64)
        plane[...] = _means(_means(slices, second).T, third).T
    return averaged.transpose(axes_back(order))


def _bins(n: int, wanted: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where each of the new voxels starts and stops among the old ones."""
    index = np.arange(wanted)
    return index * n // wanted, -(-(index + 1) * n // wanted)


def _means(plane: NDArray[np.float64], wanted: int) -> NDArray[np.float64]:
    """Average the rows of a plane onto fewer or more."""
    starts, stops = _bins(plane.shape[0], wanted)
    sums = np.concatenate([np.zeros((1, plane.shape[1])), np.cumsum(plane, axis=0)])
    return np.asarray((sums[stops] - sums[starts]) / (stops - starts)[:, None])
