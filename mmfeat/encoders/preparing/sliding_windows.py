"""The preparation of encoders that see a scan window by window."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import (
    Range,
    Spacing,
    box_above,
    nothing_above,
    resampling_step,
    shrunk,
)
from mmfeat.preprocessing.cropping import Size, cut_out_multiples, padding_box
from mmfeat.preprocessing.grids import corner_grid, spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.memory_order import Box
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.preprocessing.sampling import sample
from mmfeat.preprocessing.windows import inference_windows, sliding_windows
from mmfeat.volumes.volume import HuArray, Volume


@dataclass(frozen=True)
class SlidingWindows:
    """Orient, resample, crop to a foreground and cut into windows."""

    axes: str
    spacing_mm: Spacing | None
    """None keeps the scan's own."""
    window_hu: Range
    crop_above_hu: float
    size: Size
    crop_margin_voxels: int = 0
    overlap: float = 0.0
    last_window: Literal["padded", "moved back", "crop grown"] = "moved back"
    """What becomes of the rest at an axis' end. ``padded`` as MONAI's SlidingWindowSplitter does,
    ``moved back`` as its sliding_window_inference, ``crop grown``: as CropForeground does with
    ``k_divisible``, then as sliding_window_inference."""
    resized_to: Size | None = None
    """Voxels that the foreground, padded to a window at least, is resized to before it is cut."""
    overlaps: tuple[float, ...] = (0.0, 0.25, 0.5, 0.625)
    """Which overlaps a user may choose."""

    @property
    def options(self) -> Mapping[str, Option]:
        """The windows' overlap."""
        meaning = "least share that neighbouring windows have in common; more takes longer"
        return {"overlap": Option(self.overlap, meaning, choices=self.overlaps)}

    def changed(self, options: Mapping[str, Value]) -> Self:
        """See `Preparation.changed`."""
        resized_to = None if self.resized_to is None else shrunk(self.resized_to, options)
        return dataclasses.replace(
            self,
            size=shrunk(self.size, options),
            overlap=float(options["overlap"]),
            resized_to=resized_to,
        )

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        return [
            {"orient": self.axes},
            *([] if self.spacing_mm is None else [resampling_step(self.spacing_mm)]),
            {"crop_to_hu_above": self.crop_above_hu, "margin_voxels": self.crop_margin_voxels},
            {"scale_hu_to_0_1": list(self.window_hu), "clip": True},
            *self._resizing_steps(),
            {
                "windows": list(self.size),
                "overlap": self.overlap,
                "last_window": self.last_window,
                "pad": 0.0,
            },
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """See `Preparation.prepare`."""
        crop = self._foreground(reorient(volume, self.axes), sampler)
        if self.resized_to is not None:
            crop = _resized(crop, at_least=self.size, shape=self.resized_to)
        cut = sliding_windows if self.last_window == "padded" else inference_windows
        return cut(crop, self.size, overlap=self.overlap, pad_value=0.0)[:, None]

    def _resizing_steps(self) -> list[dict[str, Any]]:
        if self.resized_to is None:
            return []
        how = "trilinear, corners on corners"
        return [
            {"pad_about_centre": list(self.size), "value": 0.0},
            {"resize_voxels": list(self.resized_to), "interpolation": how},
        ]

    def _foreground(self, turned: Volume, sampler: Sampler) -> NDArray[np.float32]:
        """Return what windows are cut from, scaled to 0..1."""
        if self.spacing_mm is not None:
            grid = spacing_grid(turned, self.spacing_mm)
            if not self.crop_margin_voxels:
                found = sampler.foreground_window(
                    turned, grid, above_hu=self.crop_above_hu, window_hu=self.window_hu
                )
                if found is None:
                    raise nothing_above(self.crop_above_hu)
                return found
            turned = sample(turned, grid)
        hu = turned.hu
        box = _with_margin(box_above(hu, self.crop_above_hu), self.crop_margin_voxels, hu)
        if self.last_window != "crop grown":
            return scale_window(hu[box], self.window_hu)
        air_hu = self.window_hu[0]
        grown = cut_out_multiples(hu, box, self.size, pad_value=air_hu)
        return scale_window(grown, self.window_hu, out=grown)


def _resized(crop: NDArray[np.float32], *, at_least: Size, shape: Size) -> NDArray[np.float32]:
    box = padding_box(crop.shape, at_least)
    padded = np.zeros(
        [max(n, wanted) for n, wanted in zip(crop.shape, at_least, strict=True)], np.float32
    )
    padded[box] = crop
    whole = Volume(padded, np.eye(4))
    return np.ascontiguousarray(sample(whole, corner_grid(whole, shape)).hu)


def _with_margin(box: Box, voxels: int, hu: HuArray) -> Box:
    first, second, third = (
        slice(max(side.start - voxels, 0), min(side.stop + voxels, n))
        for side, n in zip(box, hu.shape, strict=True)
    )
    return first, second, third
