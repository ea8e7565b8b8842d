"""Find the middle of an outlined tumour in a DICOM structure set (RTSTRUCT)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray

from mmfeat.errors import CohortError, one_line

_PLANAR = "CLOSED_PLANAR"


def tumour_point(file: Path, name: str) -> tuple[float, float, float] | None:
    """Return the centre of mass of a structure: left, posterior, superior, in mm.

    Each outline counts by its area, since slices are equally far from each other. An outline
    within another of the same slice is a hole, as planning systems draw it.

    Args:
        file: The structure set.
        name: Of the structure, in any case.

    Returns:
        None where the structure is not there, or is empty.

    Raises:
        CohortError: The file is no structure set, or is damaged.
    """
    try:
        outlines = _outlines(file, name)
    except Exception as error:  # pydicom raises whatever it meets in a damaged file
        raise CohortError(
            f"{file}: cannot be read as a structure set: {one_line(error)}; download it again"
        ) from error
    return _centre([outline for outline in outlines if len(outline) >= 3])


def _outlines(file: Path, name: str) -> list[NDArray[np.float64]]:
    """Return the corners of all outlines of a structure: ``(corners, 3)``, in mm."""
    content = pydicom.dcmread(file)
    numbers = {
        int(one.ROINumber)
        for one in content.get("StructureSetROISequence") or ()
        if str(one.ROIName).strip().lower() == name.lower()
    }
    return [
        np.array(shape.ContourData, dtype=float).reshape(-1, 3)
        for one in content.get("ROIContourSequence") or ()
        if int(one.ReferencedROINumber) in numbers
        for shape in one.get("ContourSequence") or ()
        if str(shape.get("ContourGeometricType", "")) == _PLANAR
    ]


def _centre(outlines: Sequence[NDArray[np.float64]]) -> tuple[float, float, float] | None:
    weights, centres = [], []
    for outline in outlines:
        area, centre = _area_and_centre(outline)
        weights.append(area * (-1.0 if _is_hole(outline, outlines) else 1.0))
        centres.append(centre)
    if sum(weights) <= 0:
        return None
    x, y, z = np.average(np.array(centres), axis=0, weights=np.array(weights)).tolist()
    return x, y, z


def _area_and_centre(outline: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Return the area of a polygon in a plane across the body, and its centre of mass."""
    middle = outline.mean(axis=0)
    x, y = (outline[:, axis] - middle[axis] for axis in (0, 1))
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    cross = x * next_y - next_x * y
    area = cross.sum() / 2
    if abs(area) < 1e-9:
        return 0.0, middle
    shift = [((x + next_x) * cross).sum(), ((y + next_y) * cross).sum(), 0.0]
    return abs(float(area)), middle + np.array(shift) / (6 * area)


def _is_hole(outline: NDArray[np.float64], outlines: Sequence[NDArray[np.float64]]) -> bool:
    """Return whether an outline lies within an odd number of others of its slice."""
    around = [
        other
        for other in outlines
        if other is not outline
        and np.isclose(other[0, 2], outline[0, 2])
        and _inside(outline[0], other)
    ]
    return len(around) % 2 == 1


def _inside(point: NDArray[np.float64], outline: NDArray[np.float64]) -> bool:
    """Return whether a point is inside a polygon: a ray from it crosses an odd number of sides."""
    x, y = outline[:, 0], outline[:, 1]
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crossed = (y > point[1]) != (next_y > point[1])
    rise = np.where(crossed, next_y - y, 1.0)
    at = x + (point[1] - y) / rise * (next_x - x)
    return bool((crossed & (point[0] < at)).sum() % 2)
