"""Trilinear interpolation along a volume's own axes: two neighbours an axis, slice by slice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import HuArray

_ON_A_VOXEL = 1e-6
"""Closer than this to a voxel, that voxel alone counts: its neighbour need not be read, and no
value moves by more than a hundredth of a Hounsfield unit."""


@dataclass(frozen=True)
class Taps:
    """Name the two neighbours of each new position on one axis, and the share of the upper one.

    Shape:
        - ``lower``, ``upper``, ``weight``: ``(positions,)``, intp, intp, float32.
    """

    lower: NDArray[np.intp]
    upper: NDArray[np.intp]
    weight: NDArray[np.float32]

    @classmethod
    def at(cls, positions: NDArray[np.float64], size: int) -> Self:
        """Return the neighbours on an axis of ``size`` voxels; outside, the edge goes on."""
        inside = np.clip(positions, 0, size - 1)
        nearest = np.rint(inside)
        inside = np.where(np.abs(inside - nearest) < _ON_A_VOXEL, nearest, inside)
        lower = np.floor(inside).astype(np.intp)
        upper = np.minimum(lower + 1, size - 1)
        return cls(lower, upper, (inside - lower).astype(np.float32))

    def within(self) -> tuple[slice, Self]:
        """Return the stretch of the axis that is needed, and the taps counted from its start."""
        first, last = int(self.lower.min()), int(self.upper.max())
        return slice(first, last + 1), type(self)(
            self.lower - first, self.upper - first, self.weight
        )


def straight_slices(
    source: HuArray, taps: tuple[Taps, Taps, Taps]
) -> Iterator[NDArray[np.float32]]:
    """Interpolate a volume at every combination of positions on its three axes.

    A slice stays in the processor's cache while it is made, and only what is needed of the source
    is read and turned into floats.

    Shape:
        - ``source``: ``(n_0, n_1, n_2)``; fastest when ``n_2`` is the axis closest in memory.
        - Yields: ``(len(taps[1]), len(taps[2]))`` for each position of ``taps[0]``, always in the
          same memory.
    """
    slices = taps[0]
    row_stretch, rows = taps[1].within()
    column_stretch, columns = taps[2].within()
    needed = source[:, row_stretch, column_stretch]
    n_rows, n_columns = len(rows.lower), len(columns.lower)
    planes = np.empty((2, *needed.shape[1:]), np.float32)
    lines = np.empty((2, n_rows, needed.shape[2]), np.float32)
    result = np.empty((2, n_rows, n_columns), np.float32)
    for lower, upper, weight in zip(slices.lower, slices.upper, slices.weight, strict=True):
        planes[0] = needed[lower]
        if weight > 0:
            planes[1] = needed[upper]
            blend(planes[0], planes[1], weight)
        np.take(planes[0], rows.lower, axis=0, out=lines[0], mode="clip")
        np.take(planes[0], rows.upper, axis=0, out=lines[1], mode="clip")
        blend(lines[0], lines[1], rows.weight[:, None])
        np.take(lines[0], columns.lower, axis=1, out=result[0], mode="clip")
        np.take(lines[0], columns.upper, axis=1, out=result[1], mode="clip")
        blend(result[0], result[1], columns.weight)
        yield result[0]


def blend(
    lower: NDArray[np.float32],
    upper: NDArray[np.float32],
    weight: NDArray[np.float32] | np.float32,
) -> None:
    """Move ``lower`` towards ``upper`` by ``weight``, in place; ``upper`` is used up."""
    upper -= lower
    upper *= weight
    lower += upper
