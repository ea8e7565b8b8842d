"""The preparation of encoders that see a small cube about a point of interest."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import Range, Spacing, shrunk
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.cropping import Size, padding_box
from mmfeat.preprocessing.grids import Grid, world_grid
from mmfeat.preprocessing.memory_order import Box
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import PointMm, Volume


@dataclass(frozen=True)
class PointCrop:
    """Resample along the axes of the body, and crop about the point of interest.

    Values are scaled so that ``window_hu`` becomes 0..1, and not clipped; around the scan stands 0.
    Where the cube reaches beyond the scan, what of it is inside is put in the middle of the window,
    so that the point is not the centre then.

    NOTE: the authors of FMCIB scale and resample all of the scan. Only the cube is here, with the
        same numbers up to rounding: both steps are linear.
    """

    spacing_mm: Spacing
    window_hu: Range
    size: Size
    """Slices, rows and columns, along superior, posterior, left."""

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
            {"scale_hu_to_0_1": list(self.window_hu), "clip": False},
            {
                "resample_mm": list(self.spacing_mm),
                "axes": "of the body",
                "interpolation": "trilinear, 0 outside",
            },
            {"orient": "SPL"},
            {"crop_about_point": list(self.size), "voxel_of_the_point": "towards the first"},
            {"pad_about_centre": list(self.size), "value": 0.0},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:  # noqa: ARG002 - cheap on the CPU
        """See `Preparation.prepare`.

        Raises:
            VolumeError: No point is given.
        """
        if volume.point_mm is None:
            raise VolumeError(
                "no point of interest is given, and this encoder sees a cube about one; name it by "
                "`point` or `mask` in the settings"
            )
        from scipy import ndimage

        as_itk = dataclasses.replace(
            volume, hu=volume.hu.transpose(2, 1, 0), affine=volume.affine[:, [2, 1, 0, 3]]
        )
        grid = _towards_left_and_posterior(world_grid(as_itk, self.spacing_mm))
        wanted = (self.size[2], self.size[1], self.size[0])
        cube = grid.cropped(_box_about(grid, volume.point_mm, wanted))
        low_hu, high_hu = self.window_hu
        values = ndimage.affine_transform(
            as_itk.hu,
            cube.to_source[:3, :3],
            cube.to_source[:3, 3],
            output_shape=cube.shape,
            output=np.float64,
            order=1,
            mode="grid-constant",  # between the outermost voxels and what is outside, too
            cval=low_hu,
        )
        scaled = ((values - low_hu) / (high_hu - low_hu)).transpose(2, 1, 0)
        window = np.zeros(self.size, np.float32)
        window[padding_box(scaled.shape, self.size)] = scaled
        return window[None, None]


def _towards_left_and_posterior(grid: Grid) -> Grid:
    """Turn a grid along RAS+ to LPS+, voxel for voxel."""
    flip = np.diag([-1.0, -1.0, 1.0, 1.0])
    flip[:2, 3] = grid.shape[0] - 1, grid.shape[1] - 1
    return Grid(grid.shape, grid.to_source @ flip, grid.affine @ flip)


def _box_about(grid: Grid, point_mm: PointMm, size: Size) -> Box:
    """Return the voxels of a cube about a point that are on the grid."""
    index: NDArray[np.float64] = np.linalg.inv(grid.affine) @ np.array([*point_mm, 1.0])
    first, second, third = (
        slice(max(centre - wanted // 2, 0), min(centre + wanted // 2, n))
        for centre, wanted, n in zip(map(int, index[:3]), size, grid.shape, strict=True)
    )
    return first, second, third
