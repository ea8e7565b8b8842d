"""Where the voxels of a NRRD file are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.grid_affine import volume_affine
from mmfeat.volumes.volume import ReadingNote

_TO_RAS = {
    "right-anterior-superior": (1, 1, 1),
    "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "lps": (-1, -1, 1),
}
"""Signs that turn a patient's space into RAS+; the other spaces do not know left from right."""
_MM_PER_UNIT = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "": 1.0}


def spatial_axes(path: Path, fields: Mapping[str, Any]) -> list[int]:
    """Return which axes of the file have a direction in space, the fastest first.

    Raises:
        VolumeError: They are not three, or none has a direction.
    """
    directions = fields.get("space directions")
    if directions is None:
        raise VolumeError(
            f"{path}: no space directions, so orientation and spacing are unknown; "
            "convert it again from DICOM"
        )
    axes = [axis for axis, row in enumerate(directions) if not _is_none(row)]
    if len(axes) != 3 or len(directions) != len(fields["sizes"]):
        raise VolumeError(
            f"{path}: {len(fields['sizes'])} axes, {len(axes)} of them with a direction in space; "
            "a CT has three"
        )
    return axes


def affine_of(
    path: Path, fields: Mapping[str, Any], *, axes: list[int]
) -> tuple[NDArray[np.float64], list[ReadingNote]]:
    """Return the map from ``(d, h, w, 1)`` indices to RAS+ mm.

    Raises:
        VolumeError: The space is unknown, or the affine is singular or sheared.
    """
    space = str(fields.get("space", "unknown"))
    if space.lower() not in _TO_RAS:
        raise VolumeError(
            f"{path}: its space is {space[:50]!r}, where nobody knows left from right; "
            "convert it again from DICOM"
        )
    notes = []
    if "space origin" not in fields:
        notes.append(ReadingNote("origin-unknown", "no space origin, taken to be 0, 0, 0"))
    columns = [
        *(fields["space directions"][axis] for axis in axes),
        fields.get("space origin", [0] * 3),
    ]
    if any(np.shape(column) != (3,) for column in columns):
        raise VolumeError(f"{path}: broken NRRD header: vectors in space must have three numbers")
    form = np.eye(4)
    with np.errstate(over="ignore", invalid="ignore"):
        to_ras_mm = np.array([_TO_RAS[space.lower()]]).T * _mm_per_unit(path, fields)  # (3, 1)
        form[:3] = np.column_stack(columns) * to_ras_mm
    return volume_affine(path, form, name="space directions"), notes


def _is_none(row: Any) -> bool:  # noqa: ANN401 - pynrrd gives None or NaN, as it is set up
    return row is None or bool(np.isnan(row).all())


def _mm_per_unit(path: Path, fields: Mapping[str, Any]) -> NDArray[np.float64]:
    units = [str(unit).lower() for unit in fields.get("space units", ["mm"] * 3)]
    if len(units) != 3 or not set(units) <= set(_MM_PER_UNIT):
        raise VolumeError(f"{path}: unknown units of length in its header: {str(units)[:50]!r}")
    return np.array([[_MM_PER_UNIT[unit]] for unit in units])
