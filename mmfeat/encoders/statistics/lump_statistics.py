"""Numbers that describe dense lumps inside the lungs: how thick, how round, how large.

Vessels are long and nodules are round: a lump is told from a vessel by the weakest of its three
curvatures, and by how thick it gets (Frangi 1998 uses the same curvatures to find vessels).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mmfeat.encoders.statistics.measured import DENSE_HU, LUMP_SCALES_MM, RADII_MM

Hu = NDArray[np.float32]
Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]

_RANKS = 5
_LUNG_TO_TISSUE_HU = (-1000.0, 100.0)


def thickness(hu: Hu, outline: Mask, spacing_mm: Spacing) -> list[float]:
    """Return for each of `DENSE_HU` the greatest depth in mm, and volumes deeper than `RADII_MM`.

    Depth is the distance to the nearest voxel that is not dense or outside the lungs' outline;
    volumes are ``log(1 + ml)``.
    """
    found = []
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    for threshold in DENSE_HU:
        dense = outline & (hu > threshold)
        if not dense.any():
            found += [0.0] * (2 + len(RADII_MM))
            continue
        depth_mm = ndimage.distance_transform_edt(dense, sampling=spacing_mm)
        volumes = [dense.sum(), *((depth_mm >= radius).sum() for radius in RADII_MM)]
        found += [float(depth_mm.max()), *np.log1p(np.multiply(volumes, voxel_ml)).tolist()]
    return found


def roundness(hu: Hu, outline: Mask, spacing_mm: Spacing) -> list[float]:
    """Return how strong round lumps are at each of `LUMP_SCALES_MM`, and what the strongest is.

    A lump's strength is the weakest of its three curvatures, ``-sigma^2`` times the largest
    eigenvalue of the Hessian, where the Laplacian has a minimum; for each scale the strongest
    lump, the second and the mean of the five strongest; then the logarithm of the scale and the HU
    of the strongest of all.
    """
    clipped = np.clip(hu, *_LUNG_TO_TISSUE_HU)
    found, best = [], (0.0, min(LUMP_SCALES_MM), 0.0)
    for scale_mm in LUMP_SCALES_MM:
        smooth = ndimage.gaussian_filter(
            clipped, np.divide(scale_mm, spacing_mm), mode="nearest", truncate=3.0
        )
        laplacian = _laplacian(smooth, spacing_mm)
        places = _minima(laplacian, outline, [0.7 * scale_mm / step_mm for step_mm in spacing_mm])
        strengths = -(scale_mm**2) * _largest_eigenvalues(smooth, places, spacing_mm)
        order = np.argsort(-strengths)[:_RANKS]
        strongest = np.zeros(_RANKS)
        strongest[: len(order)] = np.maximum(strengths[order], 0)
        found += [*strongest[:2].tolist(), float(strongest.mean())]
        if strongest[0] > best[0]:
            best = float(strongest[0]), scale_mm, float(smooth[tuple(places[order[0]])])
    return [*found, float(np.log(best[1])), best[2]]


def _laplacian(smooth: Hu, spacing_mm: Spacing) -> Hu:
    """Return the sum of the second derivatives, in HU per square mm."""
    total = np.zeros_like(smooth)
    for axis, step_mm in enumerate(spacing_mm):
        total += ndimage.correlate1d(smooth, [1, -2, 1], axis=axis, mode="nearest") / step_mm**2
    return total


def _minima(values: Hu, region: Mask, reach_voxels: Sequence[float]) -> NDArray[np.intp]:
    """Return where values in a region are negative and lowest around: ``(places, 3)``, no edges."""
    window = [2 * max(1, round(reach)) + 1 for reach in reach_voxels]
    lowest = (ndimage.minimum_filter(values, window) == values) & (values < 0) & region
    inside = np.zeros_like(lowest)
    inside[1:-1, 1:-1, 1:-1] = lowest[1:-1, 1:-1, 1:-1]
    return np.argwhere(inside)


def _largest_eigenvalues(
    smooth: Hu, places: NDArray[np.intp], spacing_mm: Spacing
) -> NDArray[np.float64]:
    """Return the largest eigenvalue of the Hessian at each place, in HU per square mm."""
    hessian = np.empty((len(places), 3, 3))
    step = np.eye(3, dtype=np.intp)

    def at(offset: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.asarray(smooth[tuple((places + offset).T)], np.float64)

    centre = at(0 * step[0])
    for a in range(3):
        hessian[:, a, a] = (at(step[a]) + at(-step[a]) - 2 * centre) / spacing_mm[a] ** 2
        for b in range(a):
            mixed = at(step[a] + step[b]) + at(-step[a] - step[b])
            mixed -= at(step[a] - step[b]) + at(step[b] - step[a])
            hessian[:, a, b] = hessian[:, b, a] = mixed / (4 * spacing_mm[a] * spacing_mm[b])
    ascending = np.linalg.eigvalsh(hessian)  # (places, 3)
    return np.asarray(ascending[:, -1], np.float64)
