"""Put the slices of one CT series in order, and refuse what is no regular grid."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_slice import CtSlice

_SAME_DIRECTION = 1e-3
"""Largest difference between direction cosines of one stack: files may round to 3 decimals."""
_SAME_SPACING = 1e-3
"""Largest relative difference between pixel spacings of one stack."""
_SAME_POSITION_MM = 0.01
"""Slices closer than this show the same place."""
_UNEVEN = 0.01
_UNEVEN_MM = 0.05
"""A distance may differ from the median by 1 %, and by 0.05 mm in any case, for rounding."""
_TILT_DEG = 0.5
_TILT_MM = 0.1
"""A stack may lean by less than 0.5 degrees, and by 0.1 mm in any case, for rounded positions;
a tilted gantry stands at 5 to 30 degrees."""
_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def stack_slices(
    folder: Path, slices: Sequence[CtSlice]
) -> tuple[list[CtSlice], NDArray[np.float64]]:
    """Order slices along their normal; return them with the map from ``(d, h, w, 1)`` to RAS+ mm.

    Raises:
        VolumeError: Slices differ in size, direction or spacing, double, are missing, or lean.
    """
    if len(slices) == 1:
        raise VolumeError(f"{folder}: one slice is no volume ({slices[0].name})")
    for other in slices[1:]:
        _require_same_grid(folder, slices[0], other)
    along_row, along_column = slices[0].directions
    normal = np.cross(along_row, along_column)
    normal /= np.linalg.norm(normal)
    ordered = sorted(slices, key=lambda one: float(one.origin_mm @ normal))
    origins_mm = np.array([one.origin_mm for one in ordered])  # (slices, 3)
    _require_even_distances(folder, ordered, np.diff(origins_mm @ normal))
    step_mm = (origins_mm[-1] - origins_mm[0]) / (len(ordered) - 1)
    _require_straight(folder, ordered, origins_mm, step_mm=step_mm, normal=normal)
    row_mm, column_mm = slices[0].spacing_mm
    affine = np.eye(4)
    affine[:3] = np.column_stack(
        [step_mm, along_column * row_mm, along_row * column_mm, origins_mm[0]]
    )
    return ordered, _LPS_TO_RAS @ affine


def _require_same_grid(folder: Path, first: CtSlice, other: CtSlice) -> None:
    pair = f"{first.name} and {other.name}"
    if first.size != other.size:
        raise VolumeError(
            f"{folder}: {pair} differ in size: {first.size[0]} x {first.size[1]} "
            f"and {other.size[0]} x {other.size[1]} pixels"
        )
    if not np.allclose(first.directions, other.directions, rtol=0, atol=_SAME_DIRECTION):
        raise VolumeError(f"{folder}: {pair} differ in orientation (ImageOrientationPatient)")
    if not np.allclose(first.spacing_mm, other.spacing_mm, rtol=_SAME_SPACING, atol=0):
        raise VolumeError(
            f"{folder}: {pair} differ in pixel spacing: {first.spacing_mm} mm and "
            f"{other.spacing_mm} mm"
        )


def _require_even_distances(
    folder: Path, ordered: Sequence[CtSlice], distances_mm: NDArray[np.float64]
) -> None:
    if distances_mm.sum() < _SAME_POSITION_MM:
        raise VolumeError(
            f"{folder}: all {len(ordered)} slices at one position, so they are no volume"
        )
    closest = int(distances_mm.argmin())
    if distances_mm[closest] < _SAME_POSITION_MM:
        raise VolumeError(
            f"{folder}: {ordered[closest].name} and {ordered[closest + 1].name} are at the same "
            "position; keep one copy, or one phase, of each slice"
        )
    usual = float(np.median(distances_mm))
    deviations = np.abs(distances_mm - usual)
    worst = int(deviations.argmax())
    if deviations[worst] > max(_UNEVEN_MM, _UNEVEN * usual):
        raise VolumeError(
            f"{folder}: uneven or missing slices: {distances_mm[worst]:.2f} mm from "
            f"{ordered[worst].name} to {ordered[worst + 1].name}, elsewhere {usual:.2f} mm; "
            "give the complete series"
        )


def _require_straight(
    folder: Path,
    ordered: Sequence[CtSlice],
    origins_mm: NDArray[np.float64],
    *,
    step_mm: NDArray[np.float64],
    normal: NDArray[np.float64],
) -> None:
    along_mm = float(step_mm @ normal)
    sideways_mm = float(np.linalg.norm(step_mm - along_mm * normal))
    tilt_deg = float(np.degrees(np.arctan2(sideways_mm, along_mm)))
    if tilt_deg > _TILT_DEG and sideways_mm * (len(ordered) - 1) > _TILT_MM:
        raise VolumeError(
            f"{folder}: the gantry was tilted by {tilt_deg:.1f} degrees, so the slices lean; "
            "resample the series to a straight grid"
        )
    off_line_mm = origins_mm - origins_mm[0] - np.arange(len(ordered))[:, None] * step_mm
    off_mm = np.linalg.norm(off_line_mm - np.outer(off_line_mm @ normal, normal), axis=1)
    worst = int(off_mm.argmax())
    if off_mm[worst] > min(ordered[0].spacing_mm) / 2:
        raise VolumeError(
            f"{folder}: {ordered[worst].name} is shifted sideways by {off_mm[worst]:.2f} mm "
            "against the others; give the files of one scan"
        )
