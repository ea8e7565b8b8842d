"""Trilinear interpolation along a volume's own axes: two neighbours an axis, slice by slice."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


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
        lower = np.floor(inside).astype(np.intp)
        upper = np.minimum(lower + 1, size - 1)
        return cls(lower, upper, (inside - lower).astype(np.float32))

    def mirrored(self, size: int) -> Self:
        """Return the same places on the same axis counted from its other end."""
        return type(self)(size - 1 - self.lower, size - 1 - self.upper, self.weight)

    def within(self) -> tuple[slice, Self]:
        """Return the stretch of the axis that is needed, and the taps counted from its start."""
        first = int(min(self.lower.min(), self.upper.min()))
        last = int(max(self.lower.max(), self.upper.max()))
        return slice(first, last + 1), type(self)(
            self.lower - first, self.upper - first, self.weight
        )


def interpolate(values: NDArray[np.float32], taps: tuple[Taps, ...]) -> NDArray[np.float32]:
    """Interpolate a volume at every combination of positions on its three axes.

    Works slice by slice in the order in which the voxels lie in memory, so that a slice stays in
    the processor's cache and views such as those of ``reorient`` cost nothing. Only what is needed
    is read.

    Shape:
        - ``values``: ``(n_0, n_1, n_2)``, any strides.
        - Output: ``(len(taps[0]), len(taps[1]), len(taps[2]))``, its axes in memory as in
          ``values``.
    """
    order = sorted(range(3), key=lambda axis: -abs(values.strides[axis]))
    source, (slices, rows, columns) = _ascending(
        values.transpose(order), [taps[axis] for axis in order]
    )
    result = np.empty((len(slices.lower), len(rows.lower), len(columns.lower)), np.float32)
    plane = np.empty(source.shape[1:], np.float32)
    lines = np.empty((2, len(rows.lower), source.shape[2]), np.float32)
    upper = np.empty(result.shape[1:], np.float32)
    row_weight = rows.weight[:, None]
    for index, weight in enumerate(slices.weight):
        _blend(source[slices.lower[index]], source[slices.upper[index]], weight, out=plane)
        np.take(plane, rows.lower, axis=0, out=lines[0], mode="clip")
        np.take(plane, rows.upper, axis=0, out=lines[1], mode="clip")
        _blend_in_place(lines[0], lines[1], row_weight)
        np.take(lines[0], columns.lower, axis=1, out=result[index], mode="clip")
        np.take(lines[0], columns.upper, axis=1, out=upper, mode="clip")
        _blend_in_place(result[index], upper, columns.weight)
    return result.transpose(np.argsort(order))


def _ascending(
    values: NDArray[np.float32], taps: list[Taps]
) -> tuple[NDArray[np.float32], tuple[Taps, Taps, Taps]]:
    """Undo flips, which make memory run backwards, and cut off what no tap needs."""
    needed = []
    for axis, tap in enumerate(taps):
        if values.strides[axis] < 0:
            values = np.flip(values, axis)
            tap = tap.mirrored(values.shape[axis])
        stretch, tap = tap.within()
        values = values[(slice(None),) * axis + (stretch,)]
        needed.append(tap)
    return values, (needed[0], needed[1], needed[2])


def _blend(
    lower: NDArray[np.float32],
    upper: NDArray[np.float32],
    weight: np.float32,
    *,
    out: NDArray[np.float32],
) -> None:
    if weight == 0:
        out[...] = lower
        return
    np.subtract(upper, lower, out=out)
    out *= weight
    out += lower


def _blend_in_place(
    lower: NDArray[np.float32], upper: NDArray[np.float32], weight: NDArray[np.float32]
) -> None:
    """Move ``lower`` towards ``upper`` by ``weight``; ``upper`` is used up."""
    upper -= lower
    upper *= weight
    lower += upper
