"""Measure everything that the rules of quality look at, in one pass over a volume."""

import numpy as np

from mmfeat.quality.body_axes import oblique_deg, orientation_letters, upright
from mmfeat.quality.facts import QualityFacts
from mmfeat.quality.noise import noise_hu
from mmfeat.quality.peaks import air_peak, soft_tissue_peak
from mmfeat.quality.sample import SortedSample, thinned
from mmfeat.quality.silhouette import silhouette
from mmfeat.volumes.hounsfield import hounsfield_doubt
from mmfeat.volumes.volume import HuArray, Volume

METAL_HU = 3000.0
"""Enamel and dense bone stay below; scanners end at 3071, or at 30710 on the extended scale."""
HEADER_FIELDS = (
    "manufacturer",
    "model",
    "kernel",
    "kvp",
    "slice_thickness_mm",
    "contrast_agent",
    "patient_position",
    "rescale_type",
    "padding_hu",
)
"""All that is kept of a header; identifiers such as UIDs are not."""


def measure(volume: Volume) -> QualityFacts:
    """Measure a volume as it was read; none of its voxels may be NaN or infinite.

    The extremes take a pass over all voxels, and metal one more where there is any; everything else
    is of a sample of about a million voxels and, for the noise, of some slices.
    """
    hu, spacing_mm = upright(volume)
    superior_mm, posterior_mm, left_mm = (
        n * mm for n, mm in zip(hu.shape, spacing_mm, strict=True)
    )
    minimum, maximum = float(volume.hu.min()), float(volume.hu.max())
    coarse = thinned(hu, spacing_mm)
    sample = SortedSample(coarse)
    seen = silhouette(coarse, (superior_mm, posterior_mm, left_mm))
    depth, height, width = volume.hu.shape
    return QualityFacts(
        shape=(depth, height, width),
        spacing_mm=volume.spacing_mm,
        orientation=orientation_letters(volume),
        oblique_deg=oblique_deg(volume),
        n_slices=len(hu),
        slice_spacing_mm=spacing_mm[0],
        pixel_mm=max(spacing_mm[1:]),
        coverage_si_mm=superior_mm,
        coverage_ap_mm=posterior_mm,
        coverage_lr_mm=left_mm,
        minimum_hu=minimum,
        maximum_hu=maximum,
        share_at_minimum=sample.share_at(minimum),
        share_at_maximum=sample.share_at(maximum),
        percentiles_hu=sample.percentiles,
        n_levels=sample.n_levels,
        hu_doubt=hounsfield_doubt(volume, (minimum, maximum)),
        air_hu=None if seen.is_crop else air_peak(seen.around),
        soft_tissue_hu=soft_tissue_peak(coarse[seen.body]),
        padding_share=float(seen.padding.mean()),
        body_share=float(seen.body.mean()),
        is_crop=seen.is_crop,
        cut_outline_share=seen.cut_outline_share,
        metal_share=_metal_share(volume.hu) if maximum > METAL_HU else 0.0,
        noise_hu=noise_hu(hu, spacing_mm),
        header={name: volume.header[name] for name in HEADER_FIELDS if name in volume.header},
        notes=volume.notes,
    )


def _metal_share(hu: HuArray) -> float:
    return sum(int(np.count_nonzero(one > METAL_HU)) for one in hu) / hu.size
