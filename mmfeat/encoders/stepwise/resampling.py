"""Steps that interpolate: to a spacing, to cubes, to a number of voxels."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from mmfeat.encoders.preparing.preparation import resampling_step
from mmfeat.encoders.stepwise.sizes import AnySize, filled, where_given
from mmfeat.preprocessing.area import average_onto
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.grids import centred_grid, spacing_grid
from mmfeat.preprocessing.sampling import sample
from mmfeat.volumes.volume import Volume

_EQUAL_MM = 1e-6
_TRILINEAR = resampling_step((1.0, 1.0, 1.0))["interpolation"]


@dataclass(frozen=True)
class Resample:
    """Interpolate trilinearly to a spacing; beyond its edge the edge goes on.

    ``first voxel`` keeps the centre of the first voxel where it is, as MONAI's ``Spacing``;
    ``edges`` keeps the outer faces, as torch's ``interpolate(align_corners=False)`` to
    ``round(n * old / new)`` voxels.
    """

    spacing_mm: tuple[float | None, float | None, float | None]
    """Along each axis; None keeps the scan's own."""
    keeps: Literal["first voxel", "edges"] = "first voxel"

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        first, second, third = (
            own if wanted is None else wanted
            for wanted, own in zip(self.spacing_mm, volume.spacing_mm, strict=True)
        )
        spacing_mm = (first, second, third)
        if self.keeps == "first voxel":
            return sample(volume, spacing_grid(volume, spacing_mm))
        return _between_the_same_edges(volume, _rounded_shape(volume, spacing_mm))

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""
        first, second, third = (
            n if wanted is None else None for n, wanted in zip(size, self.spacing_mm, strict=True)
        )
        return first, second, third

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        first, second, third = self.spacing_mm
        if first is None or second is None or third is None:
            step = {"resample_where_given_mm": list(self.spacing_mm)}
            step["interpolation"] = _TRILINEAR
        else:
            step = resampling_step((first, second, third))
        return step if self.keeps == "first voxel" else step | {"keeps": "edges"}


@dataclass(frozen=True)
class ResampleIsotropic:
    """Make voxels cubes of the scan's smallest spacing, but not below a limit.

    Edges are kept, as in `Resample`. A scan whose spacings are equal stays as it is, whatever they
    are: so do the authors of VoxelFM.
    """

    at_least_mm: float

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        smallest, largest = min(volume.spacing_mm), max(volume.spacing_mm)
        if largest - smallest <= _EQUAL_MM * largest:
            return volume
        edge_mm = max(smallest, self.at_least_mm)
        return _between_the_same_edges(volume, _rounded_shape(volume, (edge_mm,) * 3))

    def size_after(self, size: AnySize) -> AnySize:  # noqa: ARG002 - it hangs on the scan
        """See `HuStep.size_after`."""
        return None, None, None

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        return {
            "resample_to_cubes": {"of": "the smallest spacing", "at_least_mm": self.at_least_mm},
            "interpolation": _TRILINEAR,
            "keeps": "edges",
            "equal_spacings": "left as they are",
        }


@dataclass(frozen=True)
class Resize:
    """Bring a scan to a number of voxels, whatever their spacing.

    ``trilinear`` is torch's ``interpolate(align_corners=False)``, ``average`` MONAI's ``area``.
    """

    size: AnySize
    interpolation: Literal["trilinear", "average"] = "trilinear"

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        shape = filled(self.size, volume.hu.shape)
        resized = _between_the_same_edges(volume, shape)
        if self.interpolation == "trilinear":
            return resized
        return dataclasses.replace(resized, hu=average_onto(volume.hu, shape))

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""
        return where_given(self.size, size)

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        words = {"trilinear": _TRILINEAR, "average": "average over what is covered"}
        return {"resize_voxels": list(self.size), "interpolation": words[self.interpolation]}


def _rounded_shape(volume: Volume, spacing_mm: tuple[float, float, float]) -> Size:
    first, second, third = (
        max(round(n * old / new), 1)
        for n, old, new in zip(volume.hu.shape, volume.spacing_mm, spacing_mm, strict=True)
    )
    return first, second, third


def _between_the_same_edges(volume: Volume, shape: Size) -> Volume:
    """Sample a volume at so many voxels that fill the extent of its own."""
    if shape == volume.hu.shape:
        return volume
    first, second, third = (
        own * n / wanted
        for own, n, wanted in zip(volume.spacing_mm, volume.hu.shape, shape, strict=True)
    )
    return sample(volume, centred_grid(volume, (first, second, third), shape))
