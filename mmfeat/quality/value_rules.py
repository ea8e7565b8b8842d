"""Rules on values: each says what is wrong with the Hounsfield units of a volume, or None."""

from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.thresholds import Thresholds
from mmfeat.quality.wording import percent

_EMPTY_HU = -900.0
"""Lung at its emptiest is at -950 on average, but a voxel in a thousand is of a vessel."""
_FLOOR_HU = -950.0
"""Scanners and converters cut values off at -1024 or -1000, and nothing is lost."""
_CEILING_HU = 3000.0
"""Scanners cut values off at 3071, and only metal is lost."""


def constant(facts: QualityFacts, _: Thresholds) -> str | None:
    """Find a volume of one value."""
    if facts.minimum_hu < facts.maximum_hu:
        return None
    return f"all voxels are {facts.minimum_hu:g}"


def empty(facts: QualityFacts, _: Thresholds) -> str | None:
    """Find a volume without anything denser than air."""
    densest = facts.percentiles_hu["99.9"]
    if densest > _EMPTY_HU:
        return None
    return f"nothing but air: 99.9 % of the voxels are at {densest:.0f} HU or below"


def not_hounsfield(facts: QualityFacts, _: Thresholds) -> str | None:
    """Find values that reading would have refused."""
    return facts.hu_doubt


def air_off(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find air that is not at -1000 HU."""
    return _peak_off("air", facts.air_hu, limits.air_hu)


def soft_tissue_off(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find soft tissue that is not a little above water."""
    # A crop may hold a calcified nodule and little else.
    peak_hu = None if facts.is_crop else facts.soft_tissue_hu
    return _peak_off("soft tissue", peak_hu, limits.soft_tissue_hu)


def clipped_low(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find values cut off below, where air or lung was lost."""
    if facts.minimum_hu <= _FLOOR_HU or facts.share_at_minimum <= limits.most_clipped_share:
        return None
    return f"cut off at {facts.minimum_hu:g} HU: {percent(facts.share_at_minimum)} lie there"


def clipped_high(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find values cut off above, where bone was lost."""
    if facts.maximum_hu >= _CEILING_HU or facts.share_at_maximum <= limits.most_clipped_share:
        return None
    return f"cut off at {facts.maximum_hu:g} HU: {percent(facts.share_at_maximum)} lie there"


def padded(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find a field of view that fills little of the volume."""
    if facts.padding_share <= limits.most_padding_share:
        return None
    return f"{percent(facts.padding_share)} of the volume is filled in, outside the scanner's view"


def metal(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find implants."""
    if facts.metal_share <= limits.most_metal_share:
        return None
    return f"{percent(facts.metal_share)} of the volume is as dense as metal"


def noisy(facts: QualityFacts, limits: Thresholds) -> str | None:
    """Find noise in which soft tissue drowns."""
    if facts.noise_hu is None or facts.noise_hu <= limits.most_noise_hu:
        return None
    return f"noise of {facts.noise_hu:.0f} HU, more than {limits.most_noise_hu:g} HU"


def contrast(facts: QualityFacts, _: Thresholds) -> str | None:
    """Say which contrast agent the header names."""
    agent = facts.header.get("contrast_agent")
    return None if agent is None else f"contrast agent according to the header: {agent}"


def _peak_off(what: str, peak_hu: float | None, plausible: tuple[float, float]) -> str | None:
    low, high = plausible
    if peak_hu is None or low <= peak_hu <= high:
        return None
    return f"{what} is mostly at {peak_hu:.0f} HU, expected between {low:g} and {high:g} HU"
