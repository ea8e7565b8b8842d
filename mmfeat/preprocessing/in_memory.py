"""A volume and a grid on it, both with their axes as the voxels lie in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.grids import Grid, Shape
from mmfeat.preprocessing.memory_order import axes_back, slowest_first
from mmfeat.preprocessing.separable import Taps
from mmfeat.volumes.volume import HuArray

_STRAIGHT_VOXELS = 1e-4
"""A grid that is off the volume's axes by less than this, anywhere, is sampled axis by axis.

Affines in float32 are rounded to about as much; neighbours that differ by 4,000 HU make it 0.4 HU.
"""


@dataclass(frozen=True)
class InMemory:
    """Hold what is sampled, and where, so that loops over it read each page of memory once.

    Shape:
        - ``source``: the voxels, slowest axis first; a flipped view, which would be read backwards,
          is flipped back.
        - ``to_source``: ``(4, 4)``; maps an index of the new volume to one of ``source``.
        - ``shape``: of the new volume; ``transpose(back)`` brings its axes to the grid's order.
    """

    source: HuArray
    to_source: NDArray[np.float64]
    shape: Shape
    back: tuple[int, int, int]

    @classmethod
    def of(cls, hu: HuArray, grid: Grid) -> "InMemory":
        """Turn voxels, and the grid on them, into the order of memory; nothing is copied."""
        order = slowest_first(hu)
        homogeneous = [*order, 3]
        turned = grid.to_source[np.ix_(homogeneous, homogeneous)]
        source = hu.transpose(order)
        for axis, stride in enumerate(source.strides):
            if stride < 0:
                source = np.flip(source, axis)
                turned[axis] *= -1
                turned[axis, 3] += source.shape[axis] - 1
        shape = (grid.shape[order[0]], grid.shape[order[1]], grid.shape[order[2]])
        return cls(source, turned, shape, axes_back(order))

    @property
    def is_straight(self) -> bool:
        """Whether the grid keeps to the source's axes."""
        slant = self.to_source[:3, :3] - np.diag(np.diag(self.to_source[:3, :3]))
        return bool((np.abs(slant) @ (np.array(self.shape) - 1)).max() < _STRAIGHT_VOXELS)

    def taps(self) -> tuple[Taps, Taps, Taps]:
        """Return the neighbours of a straight grid's positions on each axis."""
        first, second, third = (
            Taps.at(
                self.to_source[axis, 3] + self.to_source[axis, axis] * np.arange(n),
                self.source.shape[axis],
            )
            for axis, n in enumerate(self.shape)
        )
        return first, second, third
