"""Where the voxels of a file are: refuse what no CT can be, and turn the rest into an affine."""

import itertools
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError

_LARGEST_SHEAR_DEG = 0.5
"""How far axes may be off a right angle: rounding stays below 0.1, a tilted gantry is 5 to 30."""
_SMALLEST_VOLUME = 1e-3
"""Of the box that unit vectors along the axes span; below it, two of them are nearly the same."""
_SPACING_MM = (0.001, 100.0)
"""Voxels of micro-CT measure 0.001 to 0.1 mm, those of a scout view 10; anything outside comes from
a wrong unit, and would make resampling endless."""
_LARGEST_MM = 1e6
"""No scanner is a kilometre long."""


def volume_affine(
    path: Path, form: NDArray[np.float64], *, name: str = "affine"
) -> NDArray[np.float64]:
    """Return the map from ``(d, h, w, 1)`` indices, the reverse of the file's axes, to RAS+ mm.

    Args:
        path: What to name in an error.
        form: The map from indices in the order of the file's axes to RAS+ mm: ``(4, 4)``.
        name: What the format calls it.

    Raises:
        VolumeError: The map is not finite, singular, sheared, or out of all proportion.
    """
    if not np.isfinite(form).all():
        raise VolumeError(f"{path}: its {name} is not finite; convert it again from DICOM")
    if np.abs(form).max() > _LARGEST_MM:
        raise VolumeError(
            f"{path}: its {name} puts voxels a kilometre off; convert it again from DICOM"
        )
    lengths_mm = np.linalg.norm(form[:3, :3], axis=0)
    if lengths_mm.min() == 0 or abs(np.linalg.det(form[:3, :3] / lengths_mm)) < _SMALLEST_VOLUME:
        raise VolumeError(
            f"{path}: its {name} is singular (spacing {_numbers(lengths_mm)}), so positions are "
            "unknown; convert it again from DICOM"
        )
    shear_deg = _shear_deg(form[:3, :3] / lengths_mm)
    if shear_deg > _LARGEST_SHEAR_DEG:
        raise VolumeError(
            f"{path}: its {name} is sheared by {shear_deg:.1f} degrees, as after a tilted gantry; "
            "resample it to a straight grid"
        )
    smallest_mm, largest_mm = _SPACING_MM
    if lengths_mm.min() < smallest_mm or lengths_mm.max() > largest_mm:
        raise VolumeError(
            f"{path}: its {name} puts voxels {_numbers(lengths_mm)} mm apart, as no CT does; "
            "correct its unit of length, or convert it again from DICOM"
        )
    return form[:, [2, 1, 0, 3]]


def _shear_deg(axes: NDArray[np.float64]) -> float:
    """Return how far the columns, of length 1, are off right angles."""
    cosines = [float(axes[:, a] @ axes[:, b]) for a, b in itertools.combinations(range(3), 2)]
    return math.degrees(math.asin(min(1.0, max(map(abs, cosines)))))


def _numbers(values: NDArray[np.float64]) -> str:
    return " x ".join(f"{value:g}" for value in values)
