"""Where in a scan the region of interest is, as a table says it."""

from dataclasses import dataclass
from typing import Literal

from mmfeat.remote_path import AnyPath


@dataclass(frozen=True)
class PointOfInterest:
    """A point by its coordinates: in RAS+ millimetres, or the column, row and slice of a voxel."""

    xyz: tuple[float, float, float]
    space: Literal["ras_mm", "voxel"]

    @classmethod
    def of(
        cls, xyz: tuple[float, float, float], space: Literal["lps_mm", "ras_mm", "voxel"]
    ) -> "PointOfInterest":
        """Make one of coordinates as the settings have them.

        Example:
            >>> PointOfInterest.of((12.5, -30.0, 7.0), "lps_mm")
            PointOfInterest(xyz=(-12.5, 30.0, 7.0), space='ras_mm')
        """
        x, y, z = xyz
        sign = -1.0 if space == "lps_mm" else 1.0
        # Not -0.0, which has a name of its own.
        return cls(
            (sign * x + 0.0, sign * y + 0.0, z + 0.0), "voxel" if space == "voxel" else "ras_mm"
        )

    def __str__(self) -> str:
        """Say where it is, with all digits, so that two points have two names."""
        x, y, z = self.xyz
        return f"at ({x!r}, {y!r}, {z!r}) {'mm, RAS+' if self.space == 'ras_mm' else 'voxels'}"


@dataclass(frozen=True)
class MaskOfInterest:
    """The centre of what a mask marks."""

    mask: AnyPath
    """Absolute, or a URL."""

    def __str__(self) -> str:
        """Say where it is."""
        return f"in {self.mask}"


Region = PointOfInterest | MaskOfInterest
