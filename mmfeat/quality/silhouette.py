"""The body as seen from outside: its outline, the edge of the field of view, what is around."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.volumes.hounsfield import PADDING_BELOW_HU
from mmfeat.volumes.volume import HuArray

Mask = NDArray[np.bool_]

_TISSUE_HU = -500.0
"""Half way between lung and tissue."""
_AROUND_A_BODY_HU = -700.0
"""Around a body there is air, also where values are shifted; around a crop from inside, tissue."""
_NARROWEST_BODY_MM = 120.0
"""A child's head is wider; what is smaller was cut from inside a body."""
_OUTSIDE_RADIUS = 1.05
"""Beyond the inscribed circle of radius 1, with some room for the width of voxels."""
_NEARLY_ALL = 0.999
_IN_SLICE = ndimage.generate_binary_structure(3, 1) & (np.arange(3) == 1)[:, None, None]
"""The four neighbours of a voxel in its slice."""


@dataclass(frozen=True)
class Silhouette:
    """Say which voxels of a coarse upright volume are what.

    Shape:
        - every mask: ``(superior, posterior, left)``.
    """

    hu: HuArray
    padding: Mask
    """Filled in outside the scanner's field of view."""
    body: Mask
    """The largest connected thing of tissue, with what it encloses in each slice."""
    rim: Mask
    """The edge of the field of view in each slice: at the picture's edge, or beside padding."""
    is_crop: bool
    """Whether the field of view lies inside a body."""

    @property
    def around(self) -> HuArray:
        """What is in the field of view but no part of the body, flat."""
        return self.hu[~self.body & ~self.padding]

    @property
    def cut_outline_share(self) -> float:
        """Share of the body's outline that lies at the edge of the field of view."""
        inner = ndimage.binary_erosion(self.body, _IN_SLICE)
        outline = self.body & ~inner
        return float((outline & self.rim).sum() / max(outline.sum(), 1))


def silhouette(coarse: HuArray, size_mm: tuple[float, float, float]) -> Silhouette:
    """Find the body in a coarse upright volume.

    Args:
        coarse: ``(superior, posterior, left)``.
        size_mm: Size of the whole volume along these axes.
    """
    padding = (coarse < PADDING_BELOW_HU) | _constant_corners(coarse)
    rim = _at_edge(coarse.shape)
    if padding.any():
        rim = (rim | ndimage.binary_dilation(padding, _IN_SLICE)) & ~padding
    around_hu = np.median(coarse[rim]) if rim.any() else PADDING_BELOW_HU
    return Silhouette(
        hu=coarse,
        padding=padding,
        body=_filled(_largest_component(coarse > _TISSUE_HU)),
        rim=rim,
        is_crop=bool(around_hu > _AROUND_A_BODY_HU or min(size_mm[1:]) < _NARROWEST_BODY_MM),
    )


def _constant_corners(coarse: HuArray) -> Mask:
    """Return what lies outside the inscribed circle, if it is filled with one value there alone.

    Scanners fill it with -1024 too, which elsewhere is air.
    """
    rows, columns = (np.linspace(-1, 1, n) for n in coarse.shape[1:])
    radius = np.hypot(rows[:, None], columns)
    outside, inside = radius > _OUTSIDE_RADIUS, (radius > 0.9) & (radius < 1.0)
    value = coarse[0, 0, 0]
    is_round = bool(
        outside.any()
        and inside.any()
        and (coarse[:, outside] == value).mean() > _NEARLY_ALL
        and (coarse[:, inside] == value).mean() < 0.5
    )
    return np.asarray((coarse == value) & (radius > 1.0) & is_round)


def _largest_component(mask: Mask) -> Mask:
    labels, count = ndimage.label(mask)
    if count == 0:
        return np.zeros_like(mask)
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)


def _filled(body: Mask) -> Mask:
    """Add what the body encloses in each slice: all but what can be reached from the edge."""
    labels, count = ndimage.label(~body, _IN_SLICE)
    reached = np.zeros(count + 1, bool)
    reached[labels[_at_edge(body.shape)]] = True
    reached[0] = False
    return np.asarray(~reached[labels])


def _at_edge(shape: tuple[int, ...]) -> Mask:
    edge = np.ones(shape, bool)
    edge[:, 1:-1, 1:-1] = False
    return edge
