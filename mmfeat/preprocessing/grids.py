"""Where the voxels of a resampled volume lie in the one that it is sampled from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.preprocessing.memory_order import Box
from mmfeat.volumes.volume import Volume

_UNCHANGED = 1e-3
"""MONAI's tolerance under which an affine counts as unchanged, and the voxels are left alone."""
_DECIMALS = 9
"""What is left of an extent in voxels once the errors of its computation are rounded away."""

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

    def cropped(self, box: Box) -> "Grid":
        """Return the part of the grid inside a box; what lies outside is then never computed."""
        start = np.eye(4)
        start[:3, 3] = [axis.start for axis in box]
        shape = (box[0].stop - box[0].start, box[1].stop - box[1].start, box[2].stop - box[2].start)
        return Grid(shape, self.to_source @ start, self.affine @ start)


def spacing_grid(volume: Volume, spacing_mm: tuple[float, float, float]) -> Grid:
    """Return the grid on which MONAI's ``Spacing(spacing_mm)`` samples a volume.

    The grid keeps the directions of the volume's axes, slanted ones too (``diagonal=False``), and
    the place of the first voxel; it has ``round((n - 1) * old / new + 1)`` voxels along each axis.
    Shear is removed. As in MONAI, a volume whose affine would change by less than 0.001 keeps its
    own grid.
    NOTE: where an axis of a slanted volume ends on just half a new voxel, MONAI's count hangs on
        rounding errors in the last bit. Here it is that of the same volume when it is not slanted.
    """
    if min(spacing_mm) <= 0:
        raise ValueError(f"spacing_mm must be above 0, got {spacing_mm}")
    axes = volume.affine[:3, :3]
    upper = np.linalg.cholesky(axes.T @ axes).T
    return _grid_of(volume, axes @ np.linalg.inv(upper) @ np.diag(spacing_mm))


def world_grid(volume: Volume, spacing_mm: tuple[float, float, float]) -> Grid:
    """Return the grid on which MONAI's ``Spacing(spacing_mm, diagonal=True)`` samples a volume.

    Its axes are those of the body, RAS+, whatever the volume's are, and it holds all of the volume.
    All else is as in `spacing_grid`. MONAI's result depends on the order of a slanted volume's
    axes: give them as ITK does, (column, row, slice).
    """
    if min(spacing_mm) <= 0:
        raise ValueError(f"spacing_mm must be above 0, got {spacing_mm}")
    return _grid_of(volume, np.diag(spacing_mm))


def _grid_of(volume: Volume, directions: NDArray[np.float64]) -> Grid:
    """Return the grid with these axes, a column each, that holds a volume."""
    axes = volume.affine[:3, :3]
    affine = np.eye(4)
    affine[:3, :3] = directions
    extent = _corners(volume.hu.shape) @ np.linalg.solve(affine[:3, :3], axes).T  # (8, 3)
    n_0, n_1, n_2 = np.round(np.ptp(extent, axis=0).round(_DECIMALS) + 1).astype(int).tolist()
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


def corner_grid(volume: Volume, shape: Shape) -> Grid:
    """Return a grid along the volume's own axes whose corner voxels are those of the volume.

    That of torch's ``interpolate(size=shape, align_corners=True)``.
    """
    scale = (np.array(volume.hu.shape) - 1) / (np.array(shape) - 1)
    to_source = np.diag([*scale, 1.0])
    return Grid(shape, to_source, volume.affine @ to_source)


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
