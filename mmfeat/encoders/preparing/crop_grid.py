"""The preparation of SPECTRE: the scan's middle, as large as a whole number of crops."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import Range, Spacing, resampling_step
from mmfeat.preprocessing.cropping import Size, centre_box, padding_box
from mmfeat.preprocessing.grids import spacing_grid
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.preprocessing.windows import inference_windows
from mmfeat.volumes.volume import HuArray, Volume

_SPACINGS: dict[str, Spacing | None] = {
    "native": None,
    "0.5 x 0.5 x 1": (0.5, 0.5, 1.0),
    "0.75 x 0.75 x 1.5": (0.75, 0.75, 1.5),
}


@dataclass(frozen=True)
class CropGrid:
    """Orient, cut the middle to whole crops, and give it in one piece or crop by crop.

    An axis shorter than a crop is padded to one with the lowest value that there is.
    """

    axes: str
    window_hu: Range
    crop: Size
    in_one_piece: bool
    spacing: str = "native"

    @property
    def size(self) -> Size | None:
        """See `Preparation.size`."""
        return None if self.in_one_piece else self.crop

    @property
    def options(self) -> Mapping[str, Option]:
        """The spacing."""
        meaning = (
            "mm; `native` resamples nothing, as the authors do; `0.5 x 0.5 x 1` is the example of "
            "their program, `0.75 x 0.75 x 1.5` that of others who compare it"
        )
        return {"spacing": Option(self.spacing, meaning, choices=tuple(_SPACINGS))}

    def changed(self, options: Mapping[str, Value]) -> Self:
        """See `Preparation.changed`; the network knows crops of one size only."""
        return dataclasses.replace(self, spacing=str(options["spacing"]))

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        spacing_mm = _SPACINGS[self.spacing]
        resampled: list[dict[str, Any]] = []
        if spacing_mm is not None:
            resampled = [{"clip_hu": list(self.window_hu)}, resampling_step(spacing_mm)]
        lowest = "lowest of the scan" if resampled else 0.0
        order = "the last axis fastest"
        return [
            {"orient": self.axes},
            *resampled,
            {"scale_hu_to_0_1": list(self.window_hu), "clip": True},
            {"pad_about_centre": list(self.crop), "value": lowest},
            {"crop_about_centre": "to multiples", "of_voxels": list(self.crop)},
            {"windows": "one" if self.in_one_piece else list(self.crop), "order": order},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """See `Preparation.prepare`."""
        turned = reorient(volume, self.axes)
        spacing_mm = _SPACINGS[self.spacing]
        if spacing_mm is None:
            window = self._middle(turned.hu, pad_value=self.window_hu[0])
            scale_window(window, self.window_hu, out=window)
        else:
            window = self._resampled(turned, spacing_mm, sampler)
        if self.in_one_piece:
            return window[None, None]
        return inference_windows(window, self.crop, overlap=0.0, pad_value=0.0)[:, None]

    def _resampled(
        self, turned: Volume, spacing_mm: Spacing, sampler: Sampler
    ) -> NDArray[np.float32]:
        """Return the middle, resampled. It is clipped before, as the authors do on purpose."""
        low, high = self.window_hu
        clipped = dataclasses.replace(turned, hu=turned.hu.clip(int(low), int(high)))
        grid = spacing_grid(clipped, spacing_mm)
        scan = np.empty(grid.shape, np.float32)
        sampler.write_window(clipped, grid, window_hu=self.window_hu, out=scan)
        return self._middle(scan, pad_value=float(scan.min()))

    def _middle(self, values: HuArray, *, pad_value: float) -> NDArray[np.float32]:
        """Return whole crops about the centre, as a copy."""
        first, second, third = (
            max(n // crop, 1) * crop for n, crop in zip(values.shape, self.crop, strict=True)
        )
        middle = values[centre_box(values.shape, (first, second, third))]
        window = np.full((first, second, third), pad_value, np.float32)
        window[padding_box(middle.shape, window.shape)] = middle
        return window
