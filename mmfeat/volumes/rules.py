"""What a reader may do where files leave a choice: plain values, decided by the settings."""

from dataclasses import dataclass
from typing import Literal

READER_VERSION = 1
"""Raised when the same files and rules would give other voxels."""
Preference = Literal["thinnest", "kernel", "most_slices"]


@dataclass(frozen=True)
class ReadingRules:
    """Decide what is read where a source holds several series, gaps, or values that are not HU.

    Everything here can change a voxel, so all of it belongs to the identity of a feature.
    """

    check_hu: bool = True
    """Refuse values that cannot be Hounsfield units (see `mmfeat.volumes.hounsfield`)."""
    series_uid: str | None = None
    """Read only the series with this SeriesInstanceUID."""
    series_description: str | None = None
    """Read only series whose SeriesDescription fits this shell pattern, in any case."""
    prefer: tuple[Preference, ...] = ("thinnest", "most_slices")
    """Among several series the best by these, in this order; none: several series are an error, as
    are several that are equally good."""
    kernels: tuple[str, ...] = ()
    """Shell patterns of reconstruction kernels, the preferred first, for ``prefer: kernel``."""
    gaps: Literal["refuse", "interpolate"] = "refuse"
    """What to do about missing or unevenly spaced slices."""
    tilt: Literal["straighten", "refuse"] = "straighten"
    """What to do about a tilted gantry, whose slices lean."""
    slope: float = 1.0
    """For files known not to be in HU: multiply what the file says by this ..."""
    intercept: float = 0.0
    """... and add this, once, after the file's own rescaling."""
