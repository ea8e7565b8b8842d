"""Facts as one row of a table: the columns are always the same, whatever the scan."""

from typing import Any

from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.measuring import HEADER_FIELDS
from mmfeat.quality.sample import PERCENTILES

_PLAIN: dict[str, type] = {
    "orientation": str,
    "oblique_deg": float,
    "n_slices": int,
    "slice_spacing_mm": float,
    "pixel_mm": float,
    "coverage_si_mm": float,
    "coverage_ap_mm": float,
    "coverage_lr_mm": float,
    "minimum_hu": float,
    "maximum_hu": float,
    "share_at_minimum": float,
    "share_at_maximum": float,
    "n_levels": int,
    "hu_doubt": str,
    "air_hu": float,
    "soft_tissue_hu": float,
    "padding_share": float,
    "body_share": float,
    "is_crop": bool,
    "cut_outline_share": float,
    "metal_share": float,
    "noise_hu": float,
    "version": int,
}
"""Facts that are one value."""

FACT_COLUMNS: dict[str, type] = {
    **{f"size_{axis}": int for axis in range(3)},
    **{f"spacing_{axis}_mm": float for axis in range(3)},
    **_PLAIN,
    **{f"percentile_{at:g}_hu": float for at in PERCENTILES},
    **{f"header_{name}": str for name in HEADER_FIELDS},
    "notes": str,
}
"""Every column and its type; a value may be None."""


def fact_row(facts: QualityFacts) -> dict[str, Any]:
    """Return the facts by `FACT_COLUMNS`."""
    return {
        **{f"size_{axis}": n for axis, n in enumerate(facts.shape)},
        **{f"spacing_{axis}_mm": mm for axis, mm in enumerate(facts.spacing_mm)},
        **{name: getattr(facts, name) for name in _PLAIN},
        **{f"percentile_{at}_hu": value for at, value in facts.percentiles_hu.items()},
        **{f"header_{name}": facts.header.get(name) for name in HEADER_FIELDS},
        "notes": "; ".join(f"{note.code}: {note.detail}" for note in facts.notes),
    }
