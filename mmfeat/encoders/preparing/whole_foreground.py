"""The preparation of encoders that see all of a scan as it is, whatever its size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.encoders.preparing.preparation import Range, box_above
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import Volume


@dataclass(frozen=True)
class WholeForeground:
    """Orient and crop to a foreground, at the scan's own spacing: one window of any size."""

    axes: str
    window_hu: Range
    crop_above_hu: float

    @property
    def size(self) -> None:
        """None: that of each scan's foreground."""
        return

    @property
    def options(self) -> Mapping[str, Option]:
        """None."""
        return {}

    def changed(self, options: Mapping[str, Value]) -> Self:  # noqa: ARG002 - it has none
        """See `Preparation.changed`; what has no size of its own cannot be shrunk."""
        return self

    def steps(self) -> list[dict[str, Any]]:
        """See `Preparation.steps`."""
        return [
            {"orient": self.axes},
            {"crop_to_hu_above": self.crop_above_hu, "margin_voxels": 0},
            {"scale_hu_to_0_1": list(self.window_hu), "clip": True},
        ]

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:  # noqa: ARG002 - below
        """See `Preparation.prepare`.

        On the CPU: at its own spacing, a scan is no smaller to bring back from a GPU than to take
        there.
        """
        hu = reorient(volume, self.axes).hu
        crop = hu[box_above(hu, self.crop_above_hu)]
        window = np.empty((1, 1, *crop.shape), np.float32)
        scale_window(crop, self.window_hu, out=window[0, 0])
        return window
