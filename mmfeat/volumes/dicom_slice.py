"""What a CT slice's DICOM header says about its values and its place."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.dicom_header import KEPT_FIELDS
from mmfeat.volumes.dicom_layout import PixelLayout
from mmfeat.volumes.dicom_values import DicomHeader


@dataclass(frozen=True, eq=False)
class CtSlice:
    """Hold one slice's geometry and rescaling; its pixels stay in the file until they are needed.

    Lengths are in millimetres, directions and positions in DICOM's patient axes (LPS+).
    """

    header: DicomHeader
    layout: PixelLayout
    """How the file that the slice is in stores its pixels."""
    frame: int
    """Which frame of the file it is, counted from 0."""
    origin_mm: NDArray[np.float64]
    """Centre of the first voxel: ``(3,)``."""
    directions: NDArray[np.float64]
    """Unit vectors ``(2, 3)``: along a row (towards the next column), and along a column."""
    spacing_mm: tuple[float, float]
    """Between rows, between columns."""
    slope: float
    intercept: float

    @property
    def name(self) -> str:
        """Path below the folder of the case, and which frame, for messages."""
        is_alone = self.layout.n_frames == 1
        return self.header.file.name + ("" if is_alone else f" frame {self.frame + 1}")

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.layout.size

    @cached_property
    def normal(self) -> NDArray[np.float64]:
        """Unit vector across the slice: ``(3,)``."""
        normal = np.cross(*self.directions)
        return np.asarray(normal / np.linalg.norm(normal))


def ct_slice(header: DicomHeader, layout: PixelLayout, *, frame: int = 0) -> CtSlice:
    """Take what is needed from the header of a CT slice, or of one frame.

    Raises:
        VolumeError: A field that the geometry or the values depend on is missing or senseless.
    """
    slope = header.number("RescaleSlope", default=1.0)
    if slope <= 0:
        raise header.broken(f"RescaleSlope is {slope:g}")
    row_mm, column_mm = header.numbers("PixelSpacing", 2)
    if min(row_mm, column_mm) <= 0:
        raise header.broken(f"PixelSpacing is {row_mm:g} x {column_mm:g}")
    return CtSlice(
        header=header,
        layout=layout,
        frame=frame,
        origin_mm=header.numbers("ImagePositionPatient", 3),
        directions=_directions(header),
        spacing_mm=(float(row_mm), float(column_mm)),
        slope=slope,
        intercept=header.number("RescaleIntercept", default=0.0),
    )


def kept_fields(one: CtSlice) -> dict[str, str]:
    """Return what a volume's header says of how it was made, and nothing of whom."""
    kept = {name: one.header.information(keyword) for keyword, name in KEPT_FIELDS.items()}
    padding = one.header.information("PixelPaddingValue")
    if padding.lstrip("-").isdigit():
        kept["padding_hu"] = f"{_stored_padding(one, int(padding)) * one.slope + one.intercept:g}"
    return {name: text for name, text in kept.items() if text}


def _stored_padding(one: CtSlice, padding: int) -> int:
    """Return the padding as pixels hold it: some writers give -2000 as 63536."""
    wraps = one.layout.signed and padding >= 1 << (one.layout.bits_allocated - 1)
    return padding - (1 << one.layout.bits_allocated) if wraps else padding


def _directions(header: DicomHeader) -> NDArray[np.float64]:
    directions = header.numbers("ImageOrientationPatient", 6).reshape(2, 3)
    lengths = np.linalg.norm(directions, axis=1)
    if np.abs(lengths - 1).max() > 0.01 or abs(directions[0] @ directions[1]) > 0.01:
        raise header.broken(f"ImageOrientationPatient {directions.ravel()} is no right angle")
    return np.asarray(directions / lengths[:, None])
