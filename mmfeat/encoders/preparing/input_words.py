"""An encoder's input in words, made from the steps of its recipe."""

from collections.abc import Mapping, Sequence
from typing import Any

_WHOLE_SCAN = "the whole scan"


def input_in_words(prepare: Sequence[Mapping[str, Any]]) -> str:
    """Say what an encoder sees of a scan: which part, in which voxels, of which densities.

    Args:
        prepare: The ``prepare`` of a recipe. Steps that change none of this are passed over.

    Example:
        >>> input_in_words([
        ...     {"orient": "SPL"},
        ...     {"resample_mm": [3.0, 1.0, 1.0]},
        ...     {"scale_hu_to_0_1": [-1024.0, 2048.0]},
        ...     {"windows": [24, 128, 128]},
        ... ])
        'windows of 24 x 128 x 128 at 3 x 1 x 1 mm, -1024 to 2048 HU'
    """
    steps = {key: value for step in prepare for key, value in step.items()}
    if "regions" in steps:
        return f"statistics of {_WHOLE_SCAN} at {_mm(steps['average_blocks_towards_mm'])}"
    parts = [f"{_part(steps)}{_spacing(steps)}", _densities(steps)]
    return ", ".join(part for part in parts if part)


def _part(steps: Mapping[str, Any]) -> str:
    """Return which part of a scan a window is."""
    if "slices_mm" in steps or "slices" in steps:
        return _slices(steps)
    resized = steps.get("resize_voxels")
    windows = steps.get("windows")
    if isinstance(windows, list):
        before = f"{_WHOLE_SCAN} resized to {_times(resized)}, in " if resized else ""
        return f"{before}windows of {_times(windows)}"
    if resized:
        return f"{_WHOLE_SCAN} resized to {_times(resized)}"
    if "crop_about_point" in steps:
        return f"{_times(steps['crop_about_point'])} about a point"
    centre = steps.get("fit_about_centre", steps.get("crop_about_centre"))
    if isinstance(centre, list):
        return f"the central {_times(centre)}"
    multiple = steps.get("of_voxels", steps.get("multiples_of_voxels"))
    return f"{_WHOLE_SCAN} in multiples of {_times(multiple)}" if multiple else _WHOLE_SCAN


def _slices(steps: Mapping[str, Any]) -> str:
    if "slices_mm" not in steps:
        return "slices"
    pixels = steps["pixels"]
    size = f" of {_times([pixels, pixels])}" if isinstance(pixels, int) else ""
    return f"slices{size} every {_mm(steps['slices_mm'])}"


def _spacing(steps: Mapping[str, Any]) -> str:
    """Return at which spacing; nothing where voxels are no longer those of a spacing."""
    if "resize_voxels" in steps or "slices_mm" in steps:
        return ""
    spacing_mm = steps.get("resample_mm", steps.get("resample_where_given_mm"))
    if spacing_mm is not None:
        return f" at {_mm(spacing_mm)}"
    if "resample_to_cubes" in steps:
        return f" in cubes of at least {_mm(steps['resample_to_cubes']['at_least_mm'])}"
    return " at its own spacing"


def _densities(steps: Mapping[str, Any]) -> str:
    for key, value in steps.items():
        if key.startswith("scale_hu_to") or key == "clip_hu":
            low, high = value
            return f"{low:.0f} to {high:.0f} HU"
    intensity = steps.get("intensity", {})
    if "clip_hu" in intensity:
        low, high = intensity["clip_hu"]
        return f"{low:.0f} to {high:.0f} HU"
    channels = steps.get("channels_hu")
    if isinstance(channels, Mapping):
        n_windows = len(channels)
        return f"{n_windows} windows of densities as channels" if n_windows > 1 else ""
    if isinstance(steps.get("channels"), list):
        return f"{len(steps['channels'])} windows of densities as channels"
    return "standardised" if "standardise" in {**steps, **intensity} else ""


def _times(lengths: Sequence[int | None]) -> str:
    return " x ".join("any" if length is None else str(length) for length in lengths)


def _mm(spacing: float | Sequence[float | None]) -> str:
    """Return a spacing, in one number where all are equal."""
    spacings = [spacing] if isinstance(spacing, int | float) else list(spacing)
    shown = ["own" if one is None else f"{one:g}" for one in spacings]
    return f"{shown[0] if len(set(shown)) == 1 else ' x '.join(shown)} mm"
