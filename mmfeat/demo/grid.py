"""Paint shapes given in millimetres onto a grid of voxels, with soft edges."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
"""A value for each voxel ``(depth, height, width)``, or something that broadcasts to it."""
Points = NDArray[np.float64]
"""Places in patient millimetres: ``(points, 3)``, in the order right, anterior, superior."""


@dataclass(frozen=True)
class Grid:
    """Say where the voxels are, in patient millimetres: right, anterior and superior are positive.

    Axes are stored so that they broadcast: ``z`` is ``(depth, 1, 1)``, ``y`` is
    ``(1, height, 1)``, ``x`` is ``(1, 1, width)``.
    """

    z: Field
    y: Field
    x: Field
    spacing_mm: tuple[float, float, float]

    @classmethod
    def regular(
        cls,
        shape: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        centre_mm: tuple[float, float, float],
    ) -> "Grid":
        """Lay a regular grid around a centre; all three in the order depth, height, width."""
        axes = [
            np.asarray(middle + step * (np.arange(size) - (size - 1) / 2), dtype=np.float32)
            for size, step, middle in zip(shape, spacing_mm, centre_mm, strict=True)
        ]
        return cls(
            axes[0][:, None, None], axes[1][None, :, None], axes[2][None, None, :], spacing_mm
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along each axis."""
        return self.z.size, self.y.size, self.x.size

    @property
    def edge_mm(self) -> float:
        """Width over which an edge is blurred by the size of the voxels."""
        return float(np.cbrt(np.prod(self.spacing_mm)))

    @property
    def origin_mm(self) -> Points:
        """Place of the first voxel, in the order depth, height, width: ``(3,)``."""
        return np.array([self.z.flat[0], self.y.flat[0], self.x.flat[0]], dtype=np.float64)

    def inside(self, distance_mm: NDArray[Any]) -> Field:
        """Turn a distance to a surface, negative inside, into the share of each voxel inside."""
        share: Field = np.asarray(0.5 - distance_mm / np.float32(self.edge_mm), dtype=np.float32)
        return np.clip(share, 0, 1, out=share)

    def ellipsoid(
        self,
        centre_mm: tuple[float, float, float],
        axes_mm: tuple[float, float, float],
        turned_rad: float = 0.0,
    ) -> Field:
        """Return the share of each voxel inside an ellipsoid (centre and half axes as x, y, z).

        It may be turned around the long axis of the body.
        """
        cx, cy, cz = centre_mm
        ax, ay, az = axes_mm
        cos, sin = np.float32(np.cos(turned_rad)), np.float32(np.sin(turned_rad))
        across, along = self.x - np.float32(cx), self.y - np.float32(cy)
        in_plane = ((cos * across + sin * along) / np.float32(ax)) ** 2
        in_plane = in_plane + ((cos * along - sin * across) / np.float32(ay)) ** 2
        level = np.sqrt(in_plane + ((self.z - np.float32(cz)) / np.float32(az)) ** 2) - 1
        return self.inside(level * np.float32(min(axes_mm)))

    def tubes(self, points: Points, radii_mm: NDArray[np.float64]) -> Field:
        """Return the share of each voxel inside a union of balls; a row of them is a tube."""
        covered = np.zeros(self.shape, dtype=np.float32)
        for radius in np.unique(radii_mm):
            self._cover_with_balls(covered.reshape(-1), points[radii_mm == radius], float(radius))
        return covered

    def _cover_with_balls(self, covered: Field, points: Points, radius_mm: float) -> None:
        squares, indices = [], []
        for axis, (size, spacing) in enumerate(zip(self.shape, self.spacing_mm, strict=True)):
            places = (points[:, 2 - axis] - self.origin_mm[axis]) / spacing
            reach = int(np.ceil((radius_mm + self.edge_mm) / spacing))
            voxels = np.rint(places).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
            square = ((voxels - places[:, None]) * spacing) ** 2
            square[(voxels < 0) | (voxels >= size)] = np.inf
            form = [len(points), 1, 1, 1]
            form[axis + 1] = -1
            squares.append(square.astype(np.float32).reshape(form))
            indices.append(voxels.reshape(form) * int(np.prod(self.shape[axis + 1 :])))
        square = squares[0] + squares[1] + squares[2]  # (points, depth, height, width)
        near = np.nonzero(square < (radius_mm + 0.5 * self.edge_mm) ** 2)
        index = (indices[0] + indices[1] + indices[2])[near]
        share = np.minimum(0.5 + (radius_mm - np.sqrt(square[near])) / np.float32(self.edge_mm), 1)
        np.maximum.at(covered, index, share)

    def texture(self, rng: np.random.Generator, grain_mm: float, extent_mm: float = 200.0) -> Field:
        """Return smooth random values, about standard normal, that belong to places, not voxels.

        Values are drawn on a lattice and interpolated, so that another grid sees the same.
        """
        size = int(2 * extent_mm / grain_mm) + 2
        lattice = rng.standard_normal((size, size, size), dtype=np.float32)
        for axis in (self.z, self.y, self.x):
            weights = _interpolation(axis.reshape(-1), size, grain_mm, extent_mm)
            lattice = np.tensordot(lattice, weights, axes=(0, 1))  # the new axis goes last
        return np.ascontiguousarray(lattice) * np.float32(
            1.5
        )  # interpolation shrinks the deviation


def blend(values: Field, share: NDArray[Any], value: float | Field) -> None:
    """Replace ``share`` of each voxel by ``value``, in place."""
    values += share * (np.asarray(value, dtype=np.float32) - values)


def strand(corners: list[tuple[float, float, float]], step_mm: float = 2.0) -> Points:
    """Return places along a line through corners, no further apart than ``step_mm``."""
    pieces = []
    for start, end in pairwise(corners):
        count = 1 + int(np.ceil(np.linalg.norm(np.subtract(end, start)) / step_mm))
        pieces.append(np.linspace(start, end, count))
    return np.concatenate(pieces)


def _interpolation(places: Field, size: int, grain_mm: float, extent_mm: float) -> Field:
    """Return the weights that interpolate a lattice at places: ``(places, size)``."""
    position = np.clip((places + extent_mm) / grain_mm, 0, size - 1.001)
    low = position.astype(int)
    share = (position - low).astype(np.float32)
    weights = np.zeros((places.size, size), dtype=np.float32)
    rows = np.arange(places.size)
    weights[rows, low] = 1 - share
    weights[rows, low + 1] = share
    return weights
