"""A volume the way up that rules and pictures want it, and how it lies in its file."""

import nibabel.orientations as orientations
import numpy as np
from nibabel.affines import obliquity

from mmfeat.volumes.volume import HuArray, Volume

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
    found = orientations.io_orientation(volume.affine)
    change = orientations.ornt_transform(found, orientations.axcodes2ornt(_UPRIGHT))
    hu = orientations.apply_orientation(volume.hu, change)
    source_axes = np.argsort(change[:, 0]).astype(int)
    first, second, third = (volume.spacing_mm[axis] for axis in source_axes)
    return hu, (first, second, third)


def orientation_letters(volume: Volume) -> str:
    """Return where the three axes of the file point, in nibabel's letters.

    Example:
        >>> orientation_letters(Volume(np.zeros((2, 2, 2), np.int16), np.diag([-1.0, 1, 1, 1])))
        'LAS'
    """
    return "".join(orientations.aff2axcodes(volume.affine))


def oblique_deg(volume: Volume) -> float:
    """Return the largest angle between an axis of the file and the body axis closest to it."""
    return float(np.degrees(obliquity(volume.affine).max()))
