"""Find the body in a CT volume, and the lungs in the body, by thresholds and shape alone.

Meant for statistics over whole regions, not for measuring a lung: nodules and vessels at its rim
belong to the outline, the airways to the lungs.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.volumes.volume import HuArray

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]

_TISSUE_HU = -500.0
"""Half way between lung and tissue."""
_SURROUNDINGS_HU = -950.0
"""Around a body there is air at -1000 or padding below; around a crop from inside it, lung."""
_SMALLEST_LUNG_ML = 50.0
_SMALLEST_LUNG_SHARE = 0.05
"""Gas in the bowel and airways cut off are smaller, as a volume and as a share of the body."""
_CLOSING_MM = 12.0


def body_mask(hu: HuArray) -> Mask:
    """Return the body: the largest connected thing of tissue, with what it encloses in each slice.

    A crop from inside the body, with no air around, is body throughout.

    Args:
        hu: ``(depth, height, width)``, axial slices first.
    """
    body = _largest_component(hu > _TISSUE_HU)
    for axial in body:
        ndimage.binary_fill_holes(axial, output=axial)
    around = hu[~body]
    if not around.size or np.median(around) > _SURROUNDINGS_HU:
        body[...] = True
    return body


def lung_mask(hu: HuArray, body: Mask, spacing_mm: Spacing) -> Mask:
    """Return the air-filled parts of the body that are large enough to be lungs; none in a head."""
    labels, count = ndimage.label(body & (hu < _TISSUE_HU))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    smallest_ml = min(_SMALLEST_LUNG_ML, _SMALLEST_LUNG_SHARE * body.sum() * _voxel_ml(spacing_mm))
    return np.asarray((sizes * _voxel_ml(spacing_mm) >= max(smallest_ml, 1e-9))[labels])


def lung_outline(lungs: Mask, spacing_mm: Spacing) -> Mask:
    """Return the lungs with the vessels and nodules in and at them, closed by a ball of 12 mm."""
    grown = ndimage.distance_transform_edt(~lungs, sampling=spacing_mm) <= _CLOSING_MM
    return lungs | (ndimage.distance_transform_edt(grown, sampling=spacing_mm) > _CLOSING_MM)


def _largest_component(mask: Mask) -> Mask:
    labels, count = ndimage.label(mask)
    if count == 0:
        return np.zeros_like(mask)
    return np.asarray(labels == np.bincount(labels.ravel())[1:].argmax() + 1)


def _voxel_ml(spacing_mm: Spacing) -> float:
    return float(np.prod(spacing_mm)) / 1000
