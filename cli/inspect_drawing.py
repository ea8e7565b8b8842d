"""Draw slices and histograms with characters, for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.color import Color
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mmfeat.quality.histogram import Histogram
    from mmfeat.quality.pictures import Picture

_GAP = 2
_MOST_ROWS = 32
_UPPER_HALF = "▀"
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_HISTOGRAM_ROWS = 5


def drawn_pictures(pictures: "Sequence[Picture]", width: int) -> Text:
    """Return pictures side by side, at one scale, two pixels in each character.

    Args:
        pictures: Grey or coloured.
        width: Characters in a line.
    """
    heights_mm, widths_mm = zip(*(picture.size_mm for picture in pictures), strict=True)
    room = width - _GAP * (len(pictures) - 1)
    pixels_per_mm = min(room / sum(widths_mm), 2 * _MOST_ROWS / max(heights_mm))
    n_rows = 2 * max(1, round(max(heights_mm) * pixels_per_mm / 2))
    columns: list[NDArray[np.uint8]] = []
    for picture, height_mm, width_mm in zip(pictures, heights_mm, widths_mm, strict=True):
        n_columns = max(1, int(width_mm * pixels_per_mm))
        drawn = _resized(picture, max(1, round(height_mm * pixels_per_mm)), n_columns)[:n_rows]
        padded = np.zeros((n_rows, n_columns + _GAP, 3), np.uint8)
        padded[: len(drawn), :n_columns] = drawn
        columns.append(padded)
    canvas = np.concatenate(columns, axis=1)[:, :-_GAP]  # (rows, columns, 3)
    text = Text(no_wrap=True)
    for upper, lower in zip(canvas[::2].tolist(), canvas[1::2].tolist(), strict=True):
        for above, below in zip(upper, lower, strict=True):
            text.append(_UPPER_HALF, Style(color=_colour(above), bgcolor=_colour(below)))
        text.append("\n")
    return text


def drawn_histogram(histogram: "Histogram", width: int, *, ascii_only: bool = False) -> list[str]:
    """Return the histogram as lines of bars, and below it an axis in HU.

    Args:
        histogram: Its bins are put together until they fit.
        width: Characters in a line.
        ascii_only: Draw with letters that every screen has.
    """
    from mmfeat.quality.histogram import HIGHEST_HU, LOWEST_HU

    heights = histogram.heights()
    bins_each = -(-len(heights) // width)
    columns = [
        float(heights[first : first + bins_each].max())
        for first in range(0, len(heights), bins_each)
    ]
    bars = " #" if ascii_only else _EIGHTHS
    steps = len(bars) - 1
    lines = []
    for row in reversed(range(_HISTOGRAM_ROWS)):
        filled = [round(height * _HISTOGRAM_ROWS * steps) - row * steps for height in columns]
        lines.append("".join(bars[min(max(eighths, 0), steps)] for eighths in filled))
    axis, marks = [" "] * (len(columns) + 6), [" "] * len(columns)
    for value_hu in (-1000, 0, 1000):
        share = (value_hu - LOWEST_HU) / (HIGHEST_HU - LOWEST_HU)
        place = int(share * len(columns))
        marks[place] = "|"
        label = f"{value_hu} HU" if value_hu else "0"
        first = max(place - len(label) // 2, 0)
        axis[first : first + len(label)] = label
    return [*lines, "".join(marks), "".join(axis)]


def _resized(picture: "Picture", height: int, width: int) -> "NDArray[np.uint8]":
    """Return a picture in that many pixels: ``(height, width, 3)``."""
    from PIL import Image

    image = Image.fromarray(picture.grey).convert("RGB")
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def _colour(pixel: Sequence[int]) -> Color:
    red, green, blue = pixel
    return Color.from_rgb(red, green, blue)
