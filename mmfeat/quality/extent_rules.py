"""Rules on extent: each says what is wrong with what a volume covers and how finely, or None."""

from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.thresholds import Thresholds
from mmfeat.quality.wording import percent


def too_few_slices(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a volume of hardly any slices."""
    if facts.n_slices >= limits.fewest_slices:
        return None
    return f"{facts.n_slices} slices; at least {limits.fewest_slices} make a volume"


def too_small(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a volume that is too short along any axis."""
    shortest_mm = min(facts.coverage_si_mm, facts.coverage_ap_mm, facts.coverage_lr_mm)
    if shortest_mm >= limits.smallest_coverage_mm:
        return None
    return f"only {_size(facts)}; at least {limits.smallest_coverage_mm:g} mm are wanted"


def few_slices(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a volume of few slices."""
    if not limits.fewest_slices <= facts.n_slices < limits.few_slices:
        return None
    return f"{facts.n_slices} slices, fewer than {limits.few_slices}"


def short_coverage(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a scan of a small part of the body."""
    length_mm = facts.coverage_si_mm
    if facts.is_crop or not limits.smallest_coverage_mm <= length_mm < limits.short_coverage_mm:
        return None
    return f"{length_mm:.0f} mm from top to bottom, less than {limits.short_coverage_mm:g} mm"


def thick_slices(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find slices that are far apart."""
    if facts.slice_spacing_mm <= limits.thickest_slice_mm:
        return None
    return (
        f"slices {facts.slice_spacing_mm:.2f} mm apart, more than {limits.thickest_slice_mm:g} mm"
    )


def gaps_between_slices(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find slices that are thinner than their distance."""
    try:
        thickness_mm = float(facts.header.get("slice_thickness_mm", ""))
    except ValueError:
        return None
    # A reformatted series keeps the thickness of its source, so that only whole gaps count.
    if not 0 < thickness_mm < (1 - limits.largest_gap_share) * facts.slice_spacing_mm:
        return None
    return (
        f"slices {thickness_mm:g} mm thick, {facts.slice_spacing_mm:.2f} mm apart: "
        "what lies between was not seen"
    )


def no_body(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a scan with hardly anything in it."""
    if facts.is_crop or facts.body_share >= limits.smallest_body_share:
        return None
    return (
        f"the largest thing of tissue fills {percent(facts.body_share)} of the volume, less than "
        f"{percent(limits.smallest_body_share)}"
    )


def truncated_fov(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a body that does not fit into the field of view."""
    if facts.is_crop or facts.cut_outline_share <= limits.most_cut_outline_share:
        return None
    return (
        f"{percent(facts.cut_outline_share)} of the body's outline lies at the edge of the field "
        f"of view, more than {percent(limits.most_cut_outline_share)}"
    )


def crop(facts: QualityFacts, _: Thresholds) -> str | None:
    """Say that a volume was cut from inside a body."""
    if not facts.is_crop:
        return None
    return (
        f"{_size(facts)} from inside a body, with no air around: coverage, field of view, air and "
        "body are not judged"
    )


def coarse_pixels(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Say that slices were resampled."""
    if facts.pixel_mm <= limits.coarsest_pixel_mm:
        return None
    return f"pixels of {facts.pixel_mm:.2f} mm, larger than any scanner's: it was resampled"


def oblique(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Say that the axes are not the body's."""
    if facts.oblique_deg <= limits.most_oblique_deg:
        return None
    return f"an axis is {facts.oblique_deg:.0f} degrees off the body's"


def _size(facts: QualityFacts) -> str:
    sides_mm = (facts.coverage_si_mm, facts.coverage_ap_mm, facts.coverage_lr_mm)
    return f"{' x '.join(f'{side:.0f}' for side in sides_mm)} mm"
