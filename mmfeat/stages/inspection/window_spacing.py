"""How large the voxels of an encoder's windows are in the scan, for drawing them to scale."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import Volume

Spacing = tuple[float, float, float]


def window_spacing_mm(steps: Mapping[str, Any], volume: Volume, axes: str) -> Spacing:
    """Return the spacing of a window's voxels along the axes of its recipe.

    Where a scan was resized, it is that of what was resized, which is another for each scan.

    Args:
        steps: Of the recipe's ``prepare``, by name.
        volume: The scan.
        axes: The recipe's orientation.
    """
    turned = reorient(volume, axes)
    spacing_mm = _resampled(steps, turned.spacing_mm)
    size = steps.get("resize_voxels")
    if size is None:
        return spacing_mm
    lengths_mm = _lengths_mm(steps, turned)
    at_least = steps.get("pad_about_centre", (0, 0, 0))
    first, second, third = (
        one if n is None else max(length, least * one) / n
        for one, length, least, n in zip(spacing_mm, lengths_mm, at_least, size, strict=True)
    )
    return first, second, third


def _resampled(steps: Mapping[str, Any], own_mm: Spacing) -> Spacing:
    """Return the spacing after a recipe's resampling; the scan's own without one."""
    cubes = steps.get("resample_to_cubes")
    if cubes is not None:
        side = max(min(own_mm), float(cubes["at_least_mm"]))
        return side, side, side
    wanted = steps.get("resample_mm", steps.get("resample_where_given_mm", (None,) * 3))
    first, second, third = (
        own if one is None else float(one) for one, own in zip(wanted, own_mm, strict=True)
    )
    return first, second, third


def _lengths_mm(steps: Mapping[str, Any], turned: Volume) -> Sequence[float]:
    """Return the extent of what a recipe keeps of a scan before it resizes it."""
    shape: Sequence[int] = turned.hu.shape
    above_hu = steps.get("crop_to_hu_above")
    box = None if above_hu is None else foreground_box(turned.hu, above_hu)
    if box is not None:
        shape = [side.stop - side.start for side in box]
    lengths: list[float] = np.multiply(shape, turned.spacing_mm).tolist()
    return lengths
