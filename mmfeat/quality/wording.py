"""Facts as people read them, the same on the screen, in figures and in the contact sheet."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmfeat.quality.facts import QualityFacts

_HEADER_LINES = {
    "scanner": ("manufacturer", "model"),
    "kernel": ("kernel",),
    "tube voltage, kV": ("kvp",),
    "slice thickness, mm": ("slice_thickness_mm",),
    "contrast agent": ("contrast_agent",),
    "patient position": ("patient_position",),
}


def percent(share: float) -> str:
    """Return a share as people read it.

    Example:
        >>> percent(0.3461), percent(0.00017)
        ('34.6 %', '0.017 %')
    """
    return f"{100 * share:.3g} %"


def measured_lines(facts: "QualityFacts") -> dict[str, str]:
    """Return what was measured: names and values with their units."""
    outline = percent(facts.cut_outline_share)
    return {
        "size": f"{_by(facts.shape)} voxels of {_by(facts.spacing_mm)} mm, axes {facts.orientation}"
        + (f", {facts.oblique_deg:.0f} degrees oblique" if facts.oblique_deg >= 0.5 else ""),
        "slices": f"{facts.n_slices}, {facts.slice_spacing_mm:.3g} mm apart",
        "coverage": f"{facts.coverage_si_mm:.0f} mm top to bottom, {facts.coverage_ap_mm:.0f} mm "
        f"front to back, {facts.coverage_lr_mm:.0f} mm side to side",
        "values": f"{facts.minimum_hu:g} to {facts.maximum_hu:g} HU, half of them from "
        f"{facts.percentiles_hu['25']:g} to {facts.percentiles_hu['75']:g}",
        "air around": _hu(facts.air_hu),
        "soft tissue": _hu(facts.soft_tissue_hu),
        "noise": _hu(facts.noise_hu, digits=1),
        "body": f"{percent(facts.body_share)} of the volume; {outline} of its outline at the edge",
        "filled in": f"{percent(facts.padding_share)} of the volume",
        "metal": f"{percent(facts.metal_share)} of the volume",
    }


def header_lines(facts: "QualityFacts") -> dict[str, str]:
    """Return what the header says; fields that it does not have are left out."""
    found = {
        name: " ".join(_short(facts.header[field]) for field in fields if field in facts.header)
        for name, fields in _HEADER_LINES.items()
    }
    return {name: text for name, text in found.items() if text}


def _short(text: str) -> str:
    """Return a number without zeros at its end, and any other text as it is.

    Example:
        >>> _short("1.250000"), _short("B30f")
        ('1.25', 'B30f')
    """
    try:
        return f"{float(text):g}"
    except ValueError:
        return text


def _by(numbers: tuple[float, float, float]) -> str:
    """Return three numbers in short.

    Example:
        >>> _by((512, 512, 1200)), _by((5, 0.703125, 0.703125))
        ('512 x 512 x 1200', '5 x 0.703 x 0.703')
    """
    return " x ".join(f"{number:.3g}" if number < 100 else f"{number:.0f}" for number in numbers)


def _hu(value: float | None, *, digits: int = 0) -> str:
    return "cannot be told" if value is None else f"{value:.{digits}f} HU"
