"""Pictures of a volume: three slices at right angles, each with the window to show it in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmfeat.quality.body_axes import upright, upright_index
from mmfeat.volumes.volume import HuArray, Volume

Window = tuple[float, float]

LUNG_HU: Window = (-1350.0, 150.0)
SOFT_TISSUE_HU: Window = (-160.0, 240.0)
WIDE_HU: Window = (-1000.0, 500.0)
"""Shows lung, soft tissue and bone at once, none of them well."""


@dataclass(frozen=True)
class Picture:
    """Hold one slice, and how it is to be shown.

    Shape:
        - ``values``: ``(rows, columns)``, or ``(rows, columns, 3)`` for red, green and blue.
    """

    title: str
    values: HuArray
    window: Window
    """What is shown black, and what is shown white."""
    pixel_mm: tuple[float, float]
    """Height and width of a pixel."""
    mark: tuple[float, float] | None = None
    """Row and column of the point of interest."""

    @property
    def size_mm(self) -> tuple[float, float]:
        """Height and width."""
        height, width = self.values.shape[:2]
        return height * self.pixel_mm[0], width * self.pixel_mm[1]

    @property
    def grey(self) -> NDArray[np.uint8]:
        """The values in the window as 0 to 255."""
        low, high = self.window
        scaled = (self.values.astype(np.float32) - low) * np.float32(255 / (high - low))
        return np.asarray(np.clip(scaled, 0, 255).astype(np.uint8))


def orthogonal_pictures(volume: Volume, window: Window) -> tuple[Picture, Picture, Picture]:
    """Return the middle axial, coronal and sagittal slice, as copies.

    Of a volume with a point of interest they are those through the point.

    They are shown as radiologists do: front or head up, the patient's right side on the left; the
    sagittal one from the patient's left side, with the face on the left.
    """
    hu, (superior_mm, posterior_mm, left_mm) = upright(volume)
    shown = [n // 2 for n in hu.shape]
    marks: tuple[tuple[float, float] | None, ...] = (None, None, None)
    if volume.point_mm is not None:
        up, back, left = upright_index(volume, volume.point_mm)
        last = hu.shape[0] - 1
        marks = ((back, left), (last - up, left), (last - up, back))
        places = zip((up, back, left), hu.shape, strict=True)
        shown = [min(max(round(place), 0), n - 1) for place, n in places]
    axial, coronal, sagittal = hu[shown[0]], hu[::-1, shown[1]], hu[::-1, :, shown[2]]
    return (
        Picture("axial", axial.copy(), window, (posterior_mm, left_mm), marks[0]),
        Picture("coronal", coronal.copy(), window, (superior_mm, left_mm), marks[1]),
        Picture("sagittal", sagittal.copy(), window, (superior_mm, posterior_mm), marks[2]),
    )


def in_window(pictures: Iterable[Picture], window: Window) -> tuple[Picture, ...]:
    """Return the same pictures in another window."""
    return tuple(replace(picture, window=window) for picture in pictures)
