"""Settings of reading: what to do where a scan's files leave a choice."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from mmfeat.config.base import StrictModel


class ReadingSettings(StrictModel):
    """How volumes are read; all of it belongs to the identity of a feature."""

    check_hu: bool = True
    """Refuse volumes whose values cannot be Hounsfield units of a body."""
    series_uid: str | None = None
    """Of several DICOM series, read only the one with this SeriesInstanceUID."""
    series_description: str | None = None
    """Of several DICOM series, read only those whose description fits this pattern, such as
    `*lung*`."""
    prefer: list[Literal["thinnest", "kernel", "most_slices"]] = ["thinnest", "most_slices"]
    """Of several DICOM series, take the best by these, in this order; `[]`: several are an error,
    as are several that are equally good."""
    kernels: list[str] = []
    """Patterns of reconstruction kernels for `prefer: [kernel]`, the preferred first, such as
    `B30*`."""
    gaps: Literal["refuse", "interpolate"] = "refuse"
    """What to do about missing or unevenly spaced slices."""
    tilt: Literal["straighten", "refuse"] = "straighten"
    """What to do about a tilted gantry, whose slices lean."""
    slope: Annotated[FiniteFloat, Field(gt=0)] = 1.0
    """Only for files known not to be in HU: multiply what the file says by this ..."""
    intercept: FiniteFloat = 0.0
    """... and add this, such as -1024 for values 0 to 4095."""
