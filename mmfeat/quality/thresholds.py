"""From where on a measurement is remarked on: plain values, decided by the settings."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["info", "warn", "reject"]


@dataclass(frozen=True)
class Thresholds:
    """Decide what the rules find; `mmfeat.config.quality` says why each default is what it is."""

    fewest_slices: int = 3
    few_slices: int = 16
    smallest_coverage_mm: float = 10.0
    short_coverage_mm: float = 100.0
    thickest_slice_mm: float = 6.0
    largest_gap_share: float = 0.25
    coarsest_pixel_mm: float = 1.5
    most_oblique_deg: float = 10.0
    air_hu: tuple[float, float] = (-1050.0, -950.0)
    soft_tissue_hu: tuple[float, float] = (-20.0, 130.0)
    most_clipped_share: float = 0.005
    most_padding_share: float = 0.5
    smallest_body_share: float = 0.05
    most_cut_outline_share: float = 0.1
    most_metal_share: float = 0.0001
    most_noise_hu: float = 60.0
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Severities of codes that are not to have their usual one."""
    ignore: frozenset[str] = frozenset()
    """Codes that are left out."""

    def to_json(self) -> dict[str, Any]:
        """Return the thresholds as plain JSON values, the same for the same thresholds."""
        return {**asdict(self), "ignore": sorted(self.ignore)}
