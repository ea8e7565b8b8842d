"""A point of interest in a volume: from the index of a voxel, from a mask, and where it lies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.reading import read_volume
from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import HuArray, PointMm, Volume
from mmfeat.wording import first_few

POINTS_VERSION = 1
"""Raised when the same point or mask would be found at another place."""
_AS_STORED = ReadingRules(check_hu=False)
_HALF_VOXEL = 0.5 + 1e-6
"""A point at the very edge of the outermost voxels still counts as inside."""
_NEIGHBOURS = np.ones((3, 3, 3), bool)
"""Voxels that touch at a corner are connected."""


@dataclass(frozen=True)
class PointRules:
    """Say how points come about; all of it belongs to the identity of a feature that is of one."""

    given_as: Literal["point", "mask"]
    label: int | None = None
    """Of a mask: the value of the voxels that are meant; None: all that are not 0."""
    part: Literal["largest", "all"] | None = None
    """Of a mask: what its centre of mass is taken of."""


def point_of_voxel(volume: Volume, index: PointMm) -> PointMm:
    """Return where a voxel is in RAS+ millimetres, by its column, row and slice from 0."""
    column, row, depth = index
    return _as_point(volume.affine @ np.array([depth, row, column, 1.0]))


def require_inside(volume: Volume, point_mm: PointMm) -> None:
    """Refuse a point that lies outside a volume.

    Raises:
        VolumeError: It does; the message says where the volume is, and what may be wrong.
    """
    if _is_inside(volume, point_mm):
        return
    first, last = np.zeros(3), np.array(volume.hu.shape) - 1.0
    corners = np.array(np.meshgrid(*zip(first, last, strict=True), indexing="ij")).reshape(3, 8)
    in_mm = volume.affine[:3, :3] @ corners + volume.affine[:3, 3:]
    x, y, z = point_mm
    advice = "correct it"
    if _is_inside(volume, (-x, -y, z)):
        advice = "with x and y of the other sign it would be inside, so correct `point.space`"
    low, high = _in_words(in_mm.min(axis=1)), _in_words(in_mm.max(axis=1))
    raise VolumeError(
        f"the point of interest, {_in_words(point_mm)} mm (RAS+), is outside the scan, which "
        f"reaches from {low} to {high}; {advice}"
    )


def mask_centre(file: Path, rules: PointRules) -> PointMm:
    """Return the centre of mass of what a mask marks, in RAS+ millimetres.

    Raises:
        VolumeError: The file cannot be read, is no mask, or marks nothing.
    """
    mask = read_volume(file, _AS_STORED)
    values = mask.hu
    if values.min() < 0 or not _are_whole(values):
        raise VolumeError(
            f"{file}: no mask, with values from {values.min():g} to {values.max():g}; a mask has "
            "whole numbers from 0"
        )
    marked = values != 0 if rules.label is None else values == rules.label
    box = _box(marked)
    if box is None:
        raise VolumeError(f"{file}: {_nothing_marked(values, rules.label)}")
    inside = marked[box]
    if rules.part != "all":
        inside = _largest_part(inside)
    start = np.array([side.start for side in box])
    centre = np.argwhere(inside).mean(axis=0) + start
    return _as_point(mask.affine @ np.append(centre, 1.0))


def _is_inside(volume: Volume, point_mm: PointMm) -> bool:
    index = np.linalg.solve(volume.affine, [*point_mm, 1.0])[:3]
    last = np.array(volume.hu.shape) - 1
    return bool((index >= -_HALF_VOXEL).all() and (index <= last + _HALF_VOXEL).all())


def _are_whole(values: HuArray) -> bool:
    return values.dtype == np.int16 or bool((values == np.round(values)).all())


def _nothing_marked(values: HuArray, label: int | None) -> str:
    if label is None:
        return "an empty mask, all of it is 0; draw the region, or empty its cell"
    found = [f"{value:g}" for value in np.unique(values) if value != 0]
    there = f"there are {first_few(found, 10)}" if found else "all of it is 0"
    return f"no voxel has the label {label} of `mask.label`; {there}"


def _box(marked: NDArray[np.bool_]) -> tuple[slice, ...] | None:
    """Return the box of what is marked, so that little memory is needed beside the mask."""
    sides = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        places = np.flatnonzero(marked.any(axis=others))
        if len(places) == 0:
            return None
        sides.append(slice(int(places[0]), int(places[-1]) + 1))
    return tuple(sides)


def _largest_part(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the connected part with the most voxels; of equal ones the first in the array."""
    from scipy import ndimage  # only for masks; every command that knows volumes would load it

    parts, _ = ndimage.label(marked, _NEIGHBOURS)
    n_voxels = np.bincount(parts.ravel())
    n_voxels[0] = 0
    return np.asarray(parts == n_voxels.argmax())


def _as_point(place: NDArray[np.float64]) -> PointMm:
    return float(place[0]), float(place[1]), float(place[2])


def _in_words(place: PointMm | NDArray[np.float64]) -> str:
    return f"({', '.join(f'{value:.1f}' for value in place)})"
