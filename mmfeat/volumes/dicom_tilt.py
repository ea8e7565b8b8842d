"""Find a tilted gantry, whose slices lean, and put them upright."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_stack import Stack
from mmfeat.volumes.volume import HuArray

_TILT_DEG = 0.5
_TILT_MM = 0.1
"""A stack may lean by less than 0.5 degrees, and by 0.1 mm in any case, for rounded positions;
a tilted gantry stands at 5 to 30 degrees."""
_STILL_PX = 0.05
"""If slices move by less along an axis, they do not: interpolating there would only blur."""


@dataclass(frozen=True, eq=False)
class Tilt:
    """Say how far each slice is moved within its plane, against the first."""

    degrees: float
    shifts_px: NDArray[np.float64]
    """Along columns and rows: ``(slices, 2)``; the second slice's first voxel is that far on."""

    @property
    def first_px(self) -> NDArray[np.float64]:
        """Where the upright grid begins, in pixels from the first slice: ``(2,)``."""
        return np.asarray(np.floor(self.shifts_px.min(axis=0)))

    @property
    def extra_px(self) -> tuple[int, int]:
        """By how many rows and columns the upright grid is larger, to hold all slices."""
        rows, columns = np.ceil(self.shifts_px.max(axis=0)) - self.first_px
        return int(rows), int(columns)


def find_tilt(path: Path, stack: Stack, *, tilt: Literal["straighten", "refuse"]) -> Tilt | None:
    """Return how slices lean; None where they stand one above the other.

    Raises:
        VolumeError: They lean, and that is to be refused, or they are not on one line.
    """
    normal = stack.slices[0].normal
    along_mm = stack.positions_mm - stack.positions_mm[0]
    moved_mm = stack.origins_mm - stack.origins_mm[0]
    sideways_mm = moved_mm - np.outer(along_mm, normal)  # (slices, 3)
    _require_one_line(path, stack, sideways_mm - np.outer(along_mm / along_mm[-1], sideways_mm[-1]))
    lean_mm = float(np.linalg.norm(sideways_mm[-1]))
    degrees = float(np.degrees(np.arctan2(lean_mm, along_mm[-1])))
    if degrees <= _TILT_DEG or lean_mm <= _TILT_MM:
        return None
    if tilt == "refuse":
        raise VolumeError(
            f"{path}: the gantry was tilted by {degrees:.1f} degrees, so the slices lean; "
            "resample the series to a straight grid, or set `reading.tilt: straighten`"
        )
    along_row, along_column = stack.slices[0].directions
    row_mm, column_mm = stack.slices[0].spacing_mm
    shifts_px = np.column_stack(
        [sideways_mm @ along_column / row_mm, sideways_mm @ along_row / column_mm]
    )
    shifts_px[:, np.ptp(shifts_px, axis=0) < _STILL_PX] = 0
    return Tilt(degrees, shifts_px)


def _require_one_line(path: Path, stack: Stack, off_line_mm: NDArray[np.float64]) -> None:
    off_mm = np.linalg.norm(off_line_mm, axis=1)
    worst = int(off_mm.argmax())
    if off_mm[worst] > min(stack.slices[0].spacing_mm) / 2:
        raise VolumeError(
            f"{path}: {stack.slices[worst].name} is shifted sideways by {off_mm[worst]:.2f} mm "
            "against the others; give the files of one scan"
        )


def straighten(hu: HuArray, tilt: Tilt, *, fill_hu: float) -> NDArray[np.float32]:
    """Move each slice back within its plane, by linear interpolation, onto one upright grid.

    Shape:
        - ``hu``: ``(slices, rows, columns)``.
        - Output: the same slices, with ``tilt.extra_px`` more rows and columns.

    Args:
        hu: The slices as they were taken.
        tilt: How they lean.
        fill_hu: What stands where no slice reaches.
    """
    rows, columns = (size + extra for size, extra in zip(hu.shape[1:], tilt.extra_px, strict=True))
    upright = np.full((len(hu), rows, columns), fill_hu, np.float32)
    for target, one, shift_px in zip(upright, hu, tilt.shifts_px, strict=True):
        row_from, column_from = tilt.first_px - shift_px
        moved, inside_rows = _resampled(one.astype(np.float32), row_from, rows)
        moved, inside_columns = _resampled(moved.T, column_from, columns)
        target[inside_rows, inside_columns] = moved.T
    return upright


def _resampled(
    values: NDArray[np.float32], start: float, count: int
) -> tuple[NDArray[np.float32], slice]:
    """Return what is at ``start, start + 1, ...`` along the first axis, and which of it is inside.

    As in ITK a voxel reaches half its size beyond its centre.
    """
    at = start + np.arange(count)
    inside = np.flatnonzero((at >= -0.5) & (at < len(values) - 0.5))
    within = np.clip(at[inside], 0, len(values) - 1)
    below = np.floor(within).astype(int)
    above = np.minimum(below + 1, len(values) - 1)
    weight = (within - below).astype(np.float32)[:, None]
    moved = values[below] * (1 - weight) + values[above] * weight
    return moved, slice(int(inside[0]), int(inside[-1]) + 1)
