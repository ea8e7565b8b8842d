"""A volume the way up that rules and pictures want it, and how it lies in its file."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import HuArray, PointMm, Volume

_UPRIGHT = "SPL"
"""Slices from the feet to the head; in each, front up and the patient's right side on the left."""

Spacing = tuple[float, float, float]


def upright(volume: Volume) -> tuple[HuArray, Spacing]:
    """Return the voxels as ``(superior, posterior, left)``, a view of the given ones, and spacing.

    A slanted axis counts as the direction of the body to which it is closest.

    Example:
        >>> hu = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
        >>> turned, spacing_mm = upright(Volume(hu, np.diag([-1.0, 2.0, 3.0, 1.0])))
        >>> turned.shape, spacing_mm, int(turned[0, 0, 0])
        ((4, 3, 2), (3.0, 2.0, 1.0), 8)
    """
    from nibabel import orientations  # here and below: slow to load, and for scans alone

    change = _turn(volume)
    hu = orientations.apply_orientation(volume.hu, change)
    source_axes = np.argsort(change[:, 0]).astype(int)
    first, second, third = (volume.spacing_mm[axis] for axis in source_axes)
    return hu, (first, second, third)


def upright_index(volume: Volume, point_mm: PointMm) -> Spacing:
    """Return where a point is in the voxels that `upright` gives, between them too.

    Example:
        >>> volume = Volume(np.zeros((2, 3, 4), np.int16), np.diag([-1.0, 2.0, 3.0, 1.0]))
        >>> upright_index(volume, (-1.0, 2.0, 6.0))
        (2.0, 1.0, 1.0)
    """
    place = np.linalg.solve(volume.affine, [*point_mm, 1.0])[:3]
    turned = [0.0, 0.0, 0.0]
    for index, n, (axis, flip) in zip(place, volume.hu.shape, _turn(volume), strict=True):
        turned[int(axis)] = float(index if flip == 1 else n - 1 - index)
    return turned[0], turned[1], turned[2]


def _turn(volume: Volume) -> NDArray[np.float64]:
    """Return for each axis of the file which one it becomes, and -1 where it is flipped."""
    from nibabel import orientations

    found = orientations.io_orientation(volume.affine)
    return np.asarray(orientations.ornt_transform(found, orientations.axcodes2ornt(_UPRIGHT)))


def orientation_letters(volume: Volume) -> str:
    """Return where the three axes of the file point, in nibabel's letters.

    Example:
        >>> orientation_letters(Volume(np.zeros((2, 2, 2), np.int16), np.diag([-1.0, 1, 1, 1])))
        'LAS'
    """
    from nibabel import orientations

    return "".join(orientations.aff2axcodes(volume.affine))


def oblique_deg(volume: Volume) -> float:
    """Return the largest angle between an axis of the file and the body axis closest to it."""
    from nibabel.affines import obliquity

    return float(np.degrees(obliquity(volume.affine).max()))
