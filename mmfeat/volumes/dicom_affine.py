"""Where the voxels of a stack of slices are."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.dicom_gaps import Gaps
from mmfeat.volumes.dicom_stack import Stack
from mmfeat.volumes.dicom_tilt import Tilt

_LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


def affine_of(stack: Stack, tilt: Tilt | None, gaps: Gaps | None) -> NDArray[np.float64]:
    """Return the map from ``(d, h, w, 1)`` to RAS+ mm, of the slices as they are or were made.

    The step from slice to slice is measured from the first to the last: each position is rounded,
    and SliceThickness says how thick slices are, not how far apart.
    """
    first = stack.slices[0]
    along_row, along_column = first.directions
    row_mm, column_mm = first.spacing_mm
    span_mm = float(stack.positions_mm[-1] - stack.positions_mm[0])
    distance_mm = span_mm / (len(stack.slices) - 1) if gaps is None else stack.spacing_mm
    if tilt is None:
        direction = (stack.origins_mm[-1] - stack.origins_mm[0]) / span_mm
        first_row, first_column = 0.0, 0.0
    else:
        direction = first.normal
        first_row, first_column = tilt.first_px
    row_step_mm, column_step_mm = along_column * row_mm, along_row * column_mm
    origin_mm = first.origin_mm + first_row * row_step_mm + first_column * column_step_mm
    affine = np.eye(4)
    affine[:3] = np.column_stack([direction * distance_mm, row_step_mm, column_step_mm, origin_mm])
    return _LPS_TO_RAS @ affine
