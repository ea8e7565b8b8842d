"""A scan as an encoder sees it: pictures of what `prepare` makes of it, where that is an image."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mmfeat.encoders.contract import Encoder, Windows
from mmfeat.encoders.preparer import Preparer
from mmfeat.errors import VolumeError
from mmfeat.quality.pictures import Picture, orthogonal_pictures
from mmfeat.stages.inspection.window_spacing import window_spacing_mm
from mmfeat.stages.scan_tokens import TokenRule
from mmfeat.volumes import Volume
from mmfeat.wording import counted

_DIRECTIONS = {
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "A": (0, 1, 0),
    "P": (0, -1, 0),
    "S": (0, 0, 1),
    "I": (0, 0, -1),
}
"""Of the letters of an orientation, in RAS+ axes."""


@dataclass(frozen=True)
class EncoderView:
    """Hold what an encoder sees, or why there is no picture of it."""

    encoder: str
    summary: str
    """What was made of the scan: how many windows, of which shape, with which values."""
    pictures: tuple[Picture, ...] = ()


def encoder_view(
    encoder: Encoder | Preparer, volume: Volume, tokens: TokenRule | None = None
) -> EncoderView:
    """Prepare a volume as for embedding and take pictures of the result.

    Of windows in three dimensions the middle one is shown by its three middle slices, and of
    windows in two the ones at a quarter, half and three quarters of the scan.

    Args:
        encoder: Made; it need not be loaded.
        volume: The scan.
        tokens: Which tokens are kept of it.
    """
    try:
        windows = encoder.prepare(volume)
    except VolumeError as error:
        return EncoderView(encoder.name, f"it cannot be given to {encoder.name}: {error}")
    size = " x ".join(str(n) for n in windows.shape[1:])
    range_ = f"{windows.min():.3g} to {windows.max():.3g}"
    summary = f"{counted(len(windows), 'window')} of {size}, values {range_}"
    if tokens is not None:
        n_tokens = min(len(windows), tokens.max_tokens)
        kept = f"{n_tokens} tokens" if n_tokens > 1 else "1 token"
        summary += f", kept as {kept} of {tokens.token_size} values"
    match windows.ndim:
        case 5:
            return EncoderView(encoder.name, summary, _of_volumes(windows, encoder.recipe, volume))
        case 4:
            return EncoderView(encoder.name, summary, _of_slices(windows))
        case _:
            return EncoderView(encoder.name, f"{summary}: numbers, not an image")


def _of_volumes(windows: Windows, recipe: Mapping[str, Any], volume: Volume) -> tuple[Picture, ...]:
    """Return the middle slices of the middle window, by the recipe's axes and spacing."""
    steps = {key: value for step in recipe.get("prepare", ()) for key, value in step.items()}
    axes = steps.get("orient", "SPL")
    directions = np.array([_DIRECTIONS[letter] for letter in axes], float).T  # a column an axis
    affine = np.eye(4)
    affine[:3, :3] = directions * window_spacing_mm(steps, volume, axes)
    middle = len(windows) // 2
    shown = orthogonal_pictures(Volume(windows[middle, 0], affine), _range(windows))
    name = "" if len(windows) == 1 else f", window {middle + 1} of {len(windows)}"
    return tuple(replace(picture, title=f"{picture.title}{name}") for picture in shown)


def _of_slices(windows: Windows) -> tuple[Picture, ...]:
    """Return three of the slices; three channels are red, green and blue."""
    numbers = dict.fromkeys(round((len(windows) - 1) * part) for part in (0.25, 0.5, 0.75))
    return tuple(
        Picture(
            f"slice {number + 1} of {len(windows)}",
            windows[number].transpose(1, 2, 0) if windows.shape[1] == 3 else windows[number, 0],
            _range(windows),
            (1.0, 1.0),
        )
        for number in numbers
    )


def _range(windows: Windows) -> tuple[float, float]:
    low, high = float(windows.min()), float(windows.max())
    return (low, high) if low < high else (low, low + 1.0)
