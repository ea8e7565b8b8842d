"""The statistics of a whole scan: of the body, of the lungs, and of what is dense in them."""

from typing import Any

import numpy as np
from scipy import ndimage

from mmfeat.encoders.statistics.lump_statistics import roundness, thickness
from mmfeat.encoders.statistics.measured import BODY_BANDS_HU, EMPHYSEMA_HU
from mmfeat.encoders.statistics.region_statistics import (
    Hu,
    band_shares,
    percentiles,
    shares_below,
    texture,
)
from mmfeat.preprocessing.lungs import body_mask, lung_mask, lung_outline

_MARGIN_VOXELS = 4


def scan_statistics(hu: Hu, spacing_mm: tuple[float, float, float]) -> list[float]:
    """Return sizes, densities, texture and lumps of a scan whose first axis goes up."""
    body = body_mask(hu)
    lungs = lung_mask(hu, body, spacing_mm)
    sizes_ml = np.array([body.sum(), lungs.sum()]) * np.prod(spacing_mm) / 1000
    found = [*np.log1p(sizes_ml).tolist(), *percentiles(hu[body]), *percentiles(hu[lungs])]
    found += [*band_shares(hu[body], BODY_BANDS_HU), *shares_below(hu[lungs], EMPHYSEMA_HU)]
    found += texture(hu, [body, lungs])
    box = _box_with_margin(lungs)  # what follows is of the lungs alone
    outline = lung_outline(lungs[box], spacing_mm)
    found += thickness(hu[box], outline, spacing_mm)
    found += roundness(hu[box], outline, spacing_mm)
    return found


def _box_with_margin(lungs: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[slice, ...]:
    """Return the box about the lungs; all of the volume where there are none."""
    found = ndimage.find_objects(lungs.astype(np.int8))
    if not found:
        return tuple(slice(0, n) for n in lungs.shape)
    return tuple(
        slice(max(side.start - _MARGIN_VOXELS, 0), side.stop + _MARGIN_VOXELS) for side in found[0]
    )
