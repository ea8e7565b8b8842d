"""The preparation of COLIPRI: resampled about the scan's middle, padded or cropped to one window.

TorchIO's transforms, in their own terms: MONAI's keep the place of the first voxel instead.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import Range, Spacing, shrunk
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.grids import Shape, centred_grid
from mmfeat.preprocessing.memory_order import Box
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import Volume

_DECIMALS = 9
"""What is left of an extent in voxels once the errors of its computation are rounded away."""


@dataclass(frozen=True)
class AboutCentre:
    """Orient, resample to as many voxels as fit about the centre, and pad or crop to one window."""

    axes: str
    spacing_mm: Spacing
    window_hu: Range
    size: Size

    @property
    def options(self) -> Mapping[str, Option]:
        """None."""
        return {}

    def changed(self, options: Mapping[str, Value]) -> Self:
        """See `Preparation.changed`."""
        return dataclasses.replace(self, size=shrunk(self.size, options))

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        return [
            {"orient": self.axes},
            {
                "resample_mm": list(self.spacing_mm),
                "interpolation": "trilinear, edge goes on",
                "grid": "about the centre, as many voxels as fit into the scan",
            },
            {"scale_hu_to_-1_1": list(self.window_hu), "clip": True},
            {"pad_about_centre": list(self.size), "value": "lowest of the scan"},
            {"crop_about_centre": list(self.size), "odd_voxel": "taken off the beginning"},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """See `Preparation.prepare`."""
        turned = reorient(volume, self.axes)
        shape = self._shape(turned)
        scan = np.empty(shape, np.float32)
        grid = centred_grid(turned, self.spacing_mm, shape)
        sampler.write_window(turned, grid, window_hu=self.window_hu, out=scan)
        scan *= 2
        scan -= 1
        window = np.full(self.size, scan.min(), np.float32)
        taken, placed = _boxes(shape, self.size)
        window[placed] = scan[taken]
        return window[None, None]

    def _shape(self, volume: Volume) -> Shape:
        """Return how many voxels fit; an axis of one voxel keeps it."""
        first, second, third = (
            1 if n == 1 else int(np.floor(np.round(n * old / new, _DECIMALS)))
            for n, old, new in zip(volume.hu.shape, volume.spacing_mm, self.spacing_mm, strict=True)
        )
        return max(first, 1), max(second, 1), max(third, 1)


def _boxes(shape: Shape, size: Size) -> tuple[Box, Box]:
    """Return what is taken of a scan, and where that lies in the window; odd voxels come first."""
    taken: list[slice] = []
    placed: list[slice] = []
    for n, wanted in zip(shape, size, strict=True):
        cut, added = (max(n - wanted, 0) + 1) // 2, (max(wanted - n, 0) + 1) // 2
        length = min(n, wanted)
        taken.append(slice(cut, cut + length))
        placed.append(slice(added, added + length))
    return (taken[0], taken[1], taken[2]), (placed[0], placed[1], placed[2])
