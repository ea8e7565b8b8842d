"""The preparations of encoders that see one window: the scan's middle, or all of it made small."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import Range, Spacing, box_above, resampling_step, shrunk
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.area import average_onto
from mmfeat.preprocessing.cropping import Size, centre_box, padding_box
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import Volume

_NOISE_SEED = 0


@dataclass(frozen=True)
class CentreCrop:
    """Orient, resample, and pad or crop about the centre to one window."""

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
            resampling_step(self.spacing_mm),
            {"scale_hu_to_0_1": list(self.window_hu), "clip": True},
            {"pad_about_centre": list(self.size), "value": 0.0},
            {"crop_about_centre": list(self.size)},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """See `Preparation.prepare`."""
        turned = reorient(volume, self.axes)
        grid = spacing_grid(turned, self.spacing_mm)
        # Cropping before resampling spares what would be thrown away, and gives the same voxels.
        centre = grid.cropped(centre_box(grid.shape, self.size))
        window = np.zeros(self.size, np.float32)
        inside = window[padding_box(centre.shape, self.size)]
        sampler.write_window(turned, centre, window_hu=self.window_hu, out=inside)
        return window[None, None]


@dataclass(frozen=True)
class WholeScanAveraged:
    """Orient, crop to a foreground, and average all of it onto one window, whatever its extent."""

    axes: str
    window_hu: Range
    crop_above_hu: float
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
            {"crop_to_hu_above": self.crop_above_hu, "margin_voxels": 0},
            {"resize_voxels": list(self.size), "interpolation": "average over what is covered"},
            {"scale_hu_to_0_1": list(self.window_hu), "clip": True},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:  # noqa: ARG002 - cheap on the CPU
        """See `Preparation.prepare`."""
        hu = reorient(volume, self.axes).hu
        crop = hu[box_above(hu, self.crop_above_hu)]
        window = np.empty((1, 1, *self.size), np.float32)
        scale_window(average_onto(crop, self.size), self.window_hu, out=window[0, 0])
        return window


@dataclass(frozen=True)
class WholeScanStandardised:
    """Orient, pick the nearest voxels of one window, and standardise by those above zero."""

    axes: str
    size: Size
    zeros: str = "noise"

    @property
    def options(self) -> Mapping[str, Option]:
        """What becomes of voxels of exactly zero."""
        meaning = (
            "voxels of exactly 0 HU: `noise` replaces them by normal noise as the authors do, of "
            "one seed; `kept` treats them as any other"
        )
        return {"zeros": Option(self.zeros, meaning, choices=("noise", "kept"))}

    def changed(self, options: Mapping[str, Value]) -> Self:
        """See `Preparation.changed`."""
        size, zeros = shrunk(self.size, options), str(options["zeros"])
        return dataclasses.replace(self, size=size, zeros=zeros)

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        noise = {"replaced_by": "normal noise", "generator": "numpy PCG64", "seed": _NOISE_SEED}
        return [
            {"orient": self.axes},
            {"resize_voxels": list(self.size), "interpolation": "nearest, corners on corners"},
            {"standardise": "mean and deviation of voxels above 0 HU"},
            {"zeros": noise if self.zeros == "noise" else "kept"},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:  # noqa: ARG002 - cheap on the CPU
        """See `Preparation.prepare`."""
        hu = reorient(volume, self.axes).hu
        nearest = [_nearest(n, wanted) for n, wanted in zip(hu.shape, self.size, strict=True)]
        window = hu[np.ix_(*nearest)].astype(np.float32)
        dense = window[window > 0]
        deviation = float(dense.std(dtype=np.float64)) if dense.size else 0.0
        if deviation == 0:
            raise VolumeError(
                "nothing varies above 0 HU, and this encoder standardises by what does; use "
                "another encoder for such volumes"
            )
        zeros = window == 0
        window -= np.float32(dense.mean(dtype=np.float64))
        window /= np.float32(deviation)
        if self.zeros == "noise":
            generator = np.random.Generator(np.random.PCG64(_NOISE_SEED))
            window[zeros] = generator.standard_normal(np.count_nonzero(zeros), np.float32)
        return window[None, None]


def _nearest(n: int, wanted: int) -> NDArray[np.intp]:
    """Return which of ``n`` voxels each of ``wanted`` takes, the corners those at the corners."""
    steps = (n - 1) / (wanted - 1) if wanted > 1 else 0.0
    places = np.floor(np.arange(wanted) * steps + 0.5).astype(np.intp)
    return np.asarray(np.minimum(places, n - 1))
