"""The codes of all findings, and how severe each is unless the settings say otherwise."""

from typing import get_args

from mmfeat.quality.thresholds import Severity

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the mildest to the worst."""

RULE_SEVERITIES: dict[str, Severity] = {
    "constant": "reject",
    "empty": "reject",
    "not-hounsfield": "reject",
    "too-few-slices": "reject",
    "too-small": "reject",
    "few-slices": "warn",
    "short-coverage": "warn",
    "thick-slices": "warn",
    "gaps-between-slices": "warn",
    "no-body": "warn",
    "air-off": "warn",
    "soft-tissue-off": "warn",
    "clipped-low": "warn",
    "clipped-high": "warn",
    "padded": "warn",
    "truncated-fov": "warn",
    "metal": "warn",
    "noisy": "warn",
    "crop": "info",
    "coarse-pixels": "info",
    "oblique": "info",
    "contrast": "info",
}
"""Of what the rules find; those that reject are certain that no feature could be of use."""

NOTE_SEVERITIES: dict[str, Severity] = {
    "gaps-filled": "warn",
    "tilt-straightened": "warn",
    "duplicates-dropped": "warn",
    "derived": "warn",
    "sign-mended": "warn",
    "rescaling-missing": "warn",
    "forms-differ": "warn",
    "trailing-bytes": "info",
    "origin-unknown": "info",
    "twelve-bit": "info",
    "rescaled-by-setting": "info",
    "series-chosen": "info",
    "left-out": "info",
    "singleton-axis": "info",
}
"""Of what readers note; a note with another code is a warning, so that nobody misses it."""

CODES = {**RULE_SEVERITIES, **NOTE_SEVERITIES}
