"""Small pictures of a scan for the contact sheet."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from mmfeat.quality.histogram import Histogram
from mmfeat.quality.pictures import Picture

_SIZE_PIXELS = (336, 128)
"""Widest and highest; it fits a telephone."""
_GAP_PIXELS = 3
_WEBP_QUALITY = 60
_HISTOGRAM_BARS, _HISTOGRAM_HEIGHT = 60, 20


def thumbnail(pictures: Sequence[Picture]) -> bytes:
    """Return pictures side by side at one scale, as WebP without any metadata."""
    widest, highest = _SIZE_PIXELS
    heights_mm, widths_mm = zip(*(picture.size_mm for picture in pictures), strict=True)
    room = widest - _GAP_PIXELS * (len(pictures) - 1)
    pixels_per_mm = min(room / sum(widths_mm), highest / max(heights_mm))
    canvas = Image.new("L", (widest, max(1, round(max(heights_mm) * pixels_per_mm))))
    total = sum(int(width_mm * pixels_per_mm) for width_mm in widths_mm)
    left = (widest - total - _GAP_PIXELS * (len(pictures) - 1)) // 2
    for picture, height_mm, width_mm in zip(pictures, heights_mm, widths_mm, strict=True):
        size = max(1, int(width_mm * pixels_per_mm)), max(1, int(height_mm * pixels_per_mm))
        image = Image.fromarray(picture.grey).resize(size, Image.Resampling.BOX)
        canvas.paste(image, (left, (canvas.height - image.height) // 2))
        left += image.width + _GAP_PIXELS
    stream = io.BytesIO()
    canvas.save(stream, "WEBP", quality=_WEBP_QUALITY, method=4)
    return stream.getvalue()


def histogram_outline(histogram: Histogram) -> str:
    """Return the path of an SVG of 60 x 20 units that fills a histogram."""
    bars = np.array_split(histogram.heights(), _HISTOGRAM_BARS)
    tops = [_HISTOGRAM_HEIGHT - round(_HISTOGRAM_HEIGHT * float(bar.max())) for bar in bars]
    steps = "".join(f"V{top}h1" for top in tops)
    return f"M0 {_HISTOGRAM_HEIGHT}{steps}V{_HISTOGRAM_HEIGHT}z"
