"""A CT volume in Hounsfield units, and where each of its voxels is."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Volume:
    """Hold one CT volume as read from its file: no resampling, no reorientation, no clipping.

    Shape:
        - ``hu``: ``(depth, height, width)``, float32, Hounsfield units; for DICOM
          ``(slice, row, column)``, for NIfTI the reverse of the file's axis order, so that both are
          contiguous as they lie in the file.
        - ``affine``: ``(4, 4)``, float64; maps the index ``(d, h, w, 1)`` to RAS+ millimetres.

    ``header`` holds what the file says of its making (scanner, kernel, ...), as plain strings.
    """

    hu: NDArray[np.float32]
    affine: NDArray[np.float64]
    header: dict[str, str] = field(default_factory=dict)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Distance between neighbouring voxels along each axis, in millimetres."""
        depth, height, width = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(depth), float(height), float(width)
