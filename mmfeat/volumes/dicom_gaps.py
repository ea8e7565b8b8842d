"""Find missing and unevenly spaced slices, and interpolate over them where that is allowed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_stack import Stack
from mmfeat.volumes.volume import HuArray

_UNEVEN = 0.01
_UNEVEN_MM = 0.05
"""A distance may differ from the median by 1 %, and by 0.05 mm in any case, for rounding."""
_LONGEST_GAP = 6.0
"""In usual distances: five slices are missing. More would be made up, not interpolated."""
_LARGEST_SHARE = 0.2
"""Of all slices of the volume that may be interpolated."""


@dataclass(frozen=True, eq=False)
class Gaps:
    """Say where slices are, and where they should be, in millimetres along their normal."""

    positions_mm: NDArray[np.float64]
    """Of the slices: ``(slices,)``."""
    wanted_mm: NDArray[np.float64]
    """At even distances, from the first slice on: ``(depth,)``."""
    interpolated: NDArray[np.bool_]
    """Where no slice is: ``(depth,)``."""

    @property
    def detail(self) -> str:
        """What is done, in numbers."""
        usual = float(self.wanted_mm[1] - self.wanted_mm[0])
        count = int(self.interpolated.sum())
        return (
            f"{count} of {len(self.wanted_mm)} slices interpolated, so {count * usual:.2f} mm; "
            f"the longest gap is {np.diff(self.positions_mm).max():.2f} mm, "
            f"the usual distance {usual:.2f} mm"
        )


def find_gaps(path: Path, stack: Stack, *, gaps: Literal["refuse", "interpolate"]) -> Gaps | None:
    """Return what to interpolate; None where slices are evenly spaced.

    Raises:
        VolumeError: They are not, and that is to be refused, or too much is missing.
    """
    usual = stack.spacing_mm
    tolerance = max(_UNEVEN_MM, _UNEVEN * usual)
    deviations = np.abs(stack.distances_mm - usual)
    worst = int(deviations.argmax())
    if deviations[worst] <= tolerance:
        return None
    where = (
        f"{stack.distances_mm[worst]:.2f} mm from {stack.slices[worst].name} to "
        f"{stack.slices[worst + 1].name}, elsewhere {usual:.2f} mm"
    )
    if gaps == "refuse":
        raise VolumeError(
            f"{path}: uneven or missing slices: {where}; give the complete series, "
            "or set `reading.gaps: interpolate`"
        )
    if stack.distances_mm.max() > _LONGEST_GAP * usual:
        raise VolumeError(f"{path}: too long a gap to be interpolated: {where}")
    found = _to_be_filled(stack, usual, tolerance=tolerance)
    if found.interpolated.mean() > _LARGEST_SHARE:
        raise VolumeError(f"{path}: too many gaps to be interpolated: {where}; {found.detail}")
    return found


def _to_be_filled(stack: Stack, usual: float, *, tolerance: float) -> Gaps:
    positions = stack.positions_mm - stack.positions_mm[0]
    wanted = np.arange(round(positions[-1] / usual) + 1) * usual
    above = np.searchsorted(positions, wanted).clip(1, len(positions) - 1)
    nearest_mm = np.minimum(
        np.abs(wanted - positions[above - 1]), np.abs(positions[above] - wanted)
    )
    return Gaps(positions, wanted, interpolated=nearest_mm > tolerance)


def fill_gaps(hu: HuArray, gaps: Gaps) -> NDArray[np.float32]:
    """Interpolate linearly between the neighbours of each missing slice; keep those there are.

    Shape:
        - ``hu``: ``(slices, height, width)``.
        - Output: ``(depth, height, width)``.
    """
    filled = np.empty((len(gaps.wanted_mm), *hu.shape[1:]), np.float32)
    for target, at_mm, missing in zip(filled, gaps.wanted_mm, gaps.interpolated, strict=True):
        if not missing:
            target[:] = hu[int(np.abs(gaps.positions_mm - at_mm).argmin())]
            continue
        above = int(np.searchsorted(gaps.positions_mm, at_mm))
        below_mm, above_mm = gaps.positions_mm[above - 1 : above + 1]
        weight = np.float32((at_mm - below_mm) / (above_mm - below_mm))
        np.multiply(hu[above - 1], 1 - weight, out=target)
        target += weight * hu[above]
    return filled
