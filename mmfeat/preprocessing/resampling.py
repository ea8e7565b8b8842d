"""Resample a volume to a given spacing, with the numbers of MONAI's ``Spacing``, only faster."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.preprocessing.separable import Taps, interpolate
from mmfeat.volumes.volume import Volume

_UNCHANGED = 1e-3
"""MONAI's tolerance under which an affine counts as unchanged, and the voxels are left alone."""
_STRAIGHT_VOXELS = 0.01
"""A grid that is off the volume's axes by less than this, anywhere, is sampled axis by axis."""

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class Grid:
    """Say where the voxels of a new volume lie in the volume that it is sampled from.

    Shape:
        - ``to_source``: ``(4, 4)``, float64; maps an index of the new volume to one of the source.
        - ``affine``: ``(4, 4)``, float64; maps an index of the new volume to RAS+ millimetres.
    """

    shape: Shape
    to_source: NDArray[np.float64]
    affine: NDArray[np.float64]

    def cropped(self, box: tuple[slice, slice, slice]) -> "Grid":
        """Return the part of the grid inside a box; what lies outside is then never computed."""
        start = np.eye(4)
        start[:3, 3] = [axis.start for axis in box]
        shape = (box[0].stop - box[0].start, box[1].stop - box[1].start, box[2].stop - box[2].start)
        return Grid(shape, self.to_source @ start, self.affine @ start)


def resample(volume: Volume, spacing_mm: tuple[float, float, float]) -> Volume:
    """Return the volume at another spacing: trilinear, and beyond its edge the edge goes on."""
    return sample(volume, spacing_grid(volume, spacing_mm))


def spacing_grid(volume: Volume, spacing_mm: tuple[float, float, float]) -> Grid:
    """Return the grid on which MONAI's ``Spacing(spacing_mm)`` samples a volume.

    The grid keeps the directions of the volume's axes, slanted ones too (``diagonal=False``), and
    the place of the first voxel; it has ``round((n - 1) * old / new + 1)`` voxels along each axis.
    Shear is removed. As in MONAI, a volume whose affine would change by less than 0.001 keeps its
    own grid.
    """
    if min(spacing_mm) <= 0:
        raise ValueError(f"spacing_mm must be above 0, got {spacing_mm}")
    axes = volume.affine[:3, :3]
    upper = np.linalg.cholesky(axes.T @ axes).T
    affine = np.eye(4)
    affine[:3, :3] = axes @ np.linalg.inv(upper) @ np.diag(spacing_mm)
    extent = _corners(volume.hu.shape) @ np.linalg.solve(affine[:3, :3], axes).T  # (8, 3)
    n_0, n_1, n_2 = np.round(np.ptp(extent, axis=0) + 1).astype(int).tolist()
    affine[:3, 3] = _first_corner(volume, affine, extent, (n_0, n_1, n_2))
    to_source = np.linalg.solve(volume.affine, affine).astype(np.float64)
    same_shape = (n_0, n_1, n_2) == volume.hu.shape
    if same_shape and (_close(volume.affine, affine) or _close(to_source, np.eye(4))):
        return Grid((n_0, n_1, n_2), np.eye(4), volume.affine)
    return Grid((n_0, n_1, n_2), to_source, affine)


def centred_grid(volume: Volume, spacing_mm: tuple[float, float, float], shape: Shape) -> Grid:
    """Return a grid along the volume's own axes that has the volume's centre as its own."""
    scale = np.array(spacing_mm) / volume.spacing_mm
    to_source = np.diag([*scale, 1.0])
    to_source[:3, 3] = (np.array(volume.hu.shape) - 1) / 2 - scale * (np.array(shape) - 1) / 2
    return Grid(shape, to_source, volume.affine @ to_source)


def sample(volume: Volume, grid: Grid) -> Volume:
    """Return the volume's values at the voxels of a grid, interpolated trilinearly."""
    if _off_axes_voxels(grid) < _STRAIGHT_VOXELS:
        taps = tuple(
            Taps.at(
                grid.to_source[axis, 3] + grid.to_source[axis, axis] * np.arange(size),
                volume.hu.shape[axis],
            )
            for axis, size in enumerate(grid.shape)
        )
        hu = interpolate(volume.hu, taps)
    else:
        hu = ndimage.affine_transform(
            volume.hu,
            grid.to_source,
            output_shape=grid.shape,
            order=1,
            mode="nearest",
            prefilter=False,
        )
    return Volume(hu=hu, affine=grid.affine, header=volume.header)


def _corners(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the indices of the eight corners: ``(8, 3)``."""
    return np.array(np.meshgrid(*((0.0, n - 1.0) for n in shape), indexing="ij")).reshape(3, 8).T


def _first_corner(
    volume: Volume, affine: NDArray[np.float64], extent: NDArray[np.float64], shape: Shape
) -> NDArray[np.float64]:
    """Return where the new grid begins, in mm: the corner that comes first along all of its axes.

    A sheared volume may have none; then both centres are put together.
    """
    in_mm = _corners(volume.hu.shape) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    for corner, place in zip(extent, in_mm, strict=True):
        if np.allclose((extent - corner).min(axis=0), 0.0, rtol=_UNCHANGED):
            return np.asarray(place)
    centre = volume.affine[:3, :3] @ (np.array(volume.hu.shape) / 2) + volume.affine[:3, 3]
    return np.asarray(centre - affine[:3, :3] @ (np.array(shape) / 2))


def _close(one: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    return bool(np.allclose(one, other, atol=_UNCHANGED))


def _off_axes_voxels(grid: Grid) -> float:
    """Return how far the grid strays from the source's axes at most, in voxels of the source."""
    slant = grid.to_source[:3, :3] - np.diag(np.diag(grid.to_source[:3, :3]))
    return float((np.abs(slant) @ (np.array(grid.shape) - 1)).max())
