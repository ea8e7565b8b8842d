"""What a CT slice's DICOM header says about its values and its place."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_header import KEPT_FIELDS, DicomHeader

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class CtSlice:
    """Hold one slice's geometry and rescaling; its pixels stay in the file until they are needed.

    Lengths are in millimetres, directions and positions in DICOM's patient axes (LPS+).
    """

    file: Path
    name: str
    """Path below the folder of the case, for messages."""
    series_uid: str
    description: str
    size: tuple[int, int]
    """Rows and columns."""
    origin_mm: NDArray[np.float64]
    """Centre of the first voxel: ``(3,)``."""
    directions: NDArray[np.float64]
    """Unit vectors ``(2, 3)``: along a row (towards the next column), and along a column."""
    spacing_mm: tuple[float, float]
    """Between rows, between columns."""
    slope: float
    intercept: float
    header: dict[str, str]


def ct_slice(header: DicomHeader, *, name: str) -> CtSlice:
    """Take what is needed from a CT slice's header.

    Raises:
        VolumeError: A field that the geometry or the values depend on is missing or senseless.
    """
    slope = header.number("RescaleSlope", default=1.0)
    intercept = header.number("RescaleIntercept", default=0.0)
    if slope == 0:
        raise header.broken("RescaleSlope is 0")
    row_mm, column_mm = header.numbers("PixelSpacing", 2)
    if min(row_mm, column_mm) <= 0:
        raise header.broken(f"PixelSpacing is {row_mm:g} x {column_mm:g}")
    return CtSlice(
        file=header.file,
        name=name,
        series_uid=" ".join(header.words("SeriesInstanceUID")),
        description=_information(header, "SeriesDescription"),
        size=(_size(header, "Rows"), _size(header, "Columns")),
        origin_mm=header.numbers("ImagePositionPatient", 3),
        directions=_directions(header),
        spacing_mm=(float(row_mm), float(column_mm)),
        slope=slope,
        intercept=intercept,
        header=_kept_fields(header, slope=slope, intercept=intercept),
    )


def _size(header: DicomHeader, keyword: str) -> int:
    size = int(header.number(keyword))
    if size < 1:
        raise header.broken(f"{keyword} is {size}")
    return size


def _directions(header: DicomHeader) -> NDArray[np.float64]:
    directions = header.numbers("ImageOrientationPatient", 6).reshape(2, 3)
    lengths = np.linalg.norm(directions, axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(directions[0] @ directions[1]) > 0.01:
        raise header.broken(f"ImageOrientationPatient {directions.ravel()} is no right angle")
    return np.asarray(directions / lengths[:, None])


def _kept_fields(header: DicomHeader, *, slope: float, intercept: float) -> dict[str, str]:
    kept = {name: _information(header, keyword) for keyword, name in KEPT_FIELDS.items()}
    padding = _information(header, "PixelPaddingValue")
    if padding.lstrip("-").isdigit():
        kept["padding_hu"] = f"{int(padding) * slope + intercept:g}"
    return {name: text for name, text in kept.items() if text}


def _information(header: DicomHeader, keyword: str) -> str:
    """Return a text that no number depends on; damaged, it is left out like a missing one."""
    try:
        return "\\".join(header.words(keyword))
    except VolumeError as error:
        logger.debug("left out: %s", error)
        return ""
