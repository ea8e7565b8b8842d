"""The table of all rules of quality."""

from collections.abc import Callable

from mmfeat.quality import extent_rules, value_rules
from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.thresholds import Thresholds

RULES: dict[str, Callable[[QualityFacts, Thresholds], str | None]] = {
    "constant": value_rules.constant,
    "empty": value_rules.empty,
    "not-hounsfield": value_rules.not_hounsfield,
    "too-few-slices": extent_rules.too_few_slices,
    "too-small": extent_rules.too_small,
    "few-slices": extent_rules.few_slices,
    "short-coverage": extent_rules.short_coverage,
    "thick-slices": extent_rules.thick_slices,
    "gaps-between-slices": extent_rules.gaps_between_slices,
    "no-body": extent_rules.no_body,
    "air-off": value_rules.air_off,
    "soft-tissue-off": value_rules.soft_tissue_off,
    "clipped-low": value_rules.clipped_low,
    "clipped-high": value_rules.clipped_high,
    "padded": value_rules.padded,
    "truncated-fov": extent_rules.truncated_fov,
    "metal": value_rules.metal,
    "noisy": value_rules.noisy,
    "crop": extent_rules.crop,
    "coarse-pixels": extent_rules.coarse_pixels,
    "oblique": extent_rules.oblique,
    "contrast": value_rules.contrast,
}
"""Each returns what it found, in words with numbers, or None; the name is the code of a finding."""

WITHOUT_HU = frozenset(
    {
        "constant",
        "not-hounsfield",
        "too-few-slices",
        "too-small",
        "few-slices",
        "thick-slices",
        "gaps-between-slices",
        "coarse-pixels",
        "oblique",
        "contrast",
    }
)
"""Rules that mean something whatever the values are; the others look for air and tissue."""
