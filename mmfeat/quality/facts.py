"""What is measured of a volume: plain numbers and words, to be stored and judged again later."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mmfeat.volumes.volume import ReadingNote

QUALITY_VERSION = 1
"""Raised when the same volume would give other facts."""


@dataclass(frozen=True)
class QualityFacts:
    """Hold everything that the rules look at; nothing in it says who the patient is.

    Shares are of all voxels where nothing else is said. Shares, percentiles and peaks are of about
    a million voxels that are evenly spread over the volume; the extremes and metal are of all.
    """

    shape: tuple[int, int, int]
    """As in the file."""
    spacing_mm: tuple[float, float, float]
    """As in the file."""
    orientation: str
    """Where the axes of the file point: ``SPL``, ``RAS``, ..."""
    oblique_deg: float
    """Largest angle between an axis of the file and the body axis closest to it."""
    n_slices: int
    """Voxels along the axis that is closest to the body's."""
    slice_spacing_mm: float
    """Spacing along that axis."""
    pixel_mm: float
    """Spacing within slices, the larger of both."""
    coverage_si_mm: float
    """Length of the volume from the feet to the head ..."""
    coverage_ap_mm: float
    """... from front to back ..."""
    coverage_lr_mm: float
    """... and from side to side."""
    minimum_hu: float
    maximum_hu: float
    share_at_minimum: float
    share_at_maximum: float
    percentiles_hu: dict[str, float]
    """By their number: ``"0.1"``, ``"1"``, ``"25"``, ``"50"``, ``"75"``, ``"99"``, ``"99.9"``."""
    n_levels: int
    """Distinct values."""
    hu_doubt: str | None
    """Why the values cannot be Hounsfield units, if they cannot."""
    air_hu: float | None
    """Commonest value around the body; None where nothing but padding is around it."""
    soft_tissue_hu: float | None
    """Commonest value of soft tissue other than fat; None where there is hardly any."""
    padding_share: float
    """Filled in outside the scanner's field of view: thinner than anything there is."""
    body_share: float
    """The largest connected thing above -500 HU, with what it encloses in each slice."""
    is_crop: bool
    """Whether the volume was cut from inside a body, so that no air is around it."""
    cut_outline_share: float
    """Share of the body's outline that lies at the edge of the field of view."""
    metal_share: float
    """Above 3000 HU."""
    noise_hu: float | None
    """Standard deviation in soft tissue; None where there is too little of it."""
    header: dict[str, str]
    """Scanner, kernel, voltage, slice thickness, contrast, ..., where the file says so."""
    notes: tuple[ReadingNote, ...]
    """What the reader did or noticed."""
    version: int = QUALITY_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return the facts as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "QualityFacts":
        """Return facts that `to_json` gave; a ValueError tells of those of another version."""
        version = values.get("version")
        if version != QUALITY_VERSION:
            raise ValueError(f"facts must be of version {QUALITY_VERSION}, got {version}")
        return cls(
            **{
                **values,
                "shape": tuple(values["shape"]),
                "spacing_mm": tuple(values["spacing_mm"]),
                "notes": tuple(ReadingNote(**note) for note in values["notes"]),
            }
        )
