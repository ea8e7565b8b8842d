"""A CT volume in Hounsfield units, and where each of its voxels is."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

HuArray = NDArray[np.int16] | NDArray[np.float32]
"""Hounsfield units: int16 where the source holds whole numbers that fit, which is exact in half the
memory, or else float32."""

PointMm = tuple[float, float, float]
"""A place in RAS+ millimetres."""


@dataclass(frozen=True)
class ReadingNote:
    """Say one thing that a reader did or noticed, for the quality verdict."""

    code: str
    """A short name such as ``series-chosen``, whose severity the rules of quality know."""
    detail: str
    """In words, with numbers; nothing in it says who the patient is."""


@dataclass(frozen=True)
class Volume:
    """Hold one CT volume as read from its file: no resampling, no reorientation, no clipping.

    Shape:
        - ``hu``: ``(depth, height, width)``, int16 or float32, Hounsfield units; for DICOM
          ``(slice, row, column)``, for NIfTI the reverse of the file's axis order, so that both are
          contiguous as they lie in the file.
        - ``affine``: ``(4, 4)``, float64; maps the index ``(d, h, w, 1)`` to RAS+ millimetres.

    ``header`` holds what the file says of its making (scanner, kernel, ...), as plain strings.
    """

    hu: HuArray
    affine: NDArray[np.float64]
    header: dict[str, str] = field(default_factory=dict)
    notes: tuple[ReadingNote, ...] = ()
    point_mm: PointMm | None = None
    """The point of interest, for encoders that look at one: the user's, not the file's. It stays
    where it is when the volume is turned, cut or resampled."""

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxels along each axis, in millimetres."""
        depth, height, width = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(depth), float(height), float(width)
