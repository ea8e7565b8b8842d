"""Steps on densities: clip them, and crop to what is dense enough."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmfeat.encoders.preparing.preparation import Range, box_above
from mmfeat.encoders.stepwise.sizes import AnySize, moved
from mmfeat.volumes.volume import Volume


@dataclass(frozen=True)
class ClipHu:
    """Bring values outside a range to its ends, before anything is interpolated."""

    window_hu: Range

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        low, high = self.window_hu
        if volume.hu.dtype != np.int16 or not (low.is_integer() and high.is_integer()):
            hu = np.asarray(volume.hu, np.float32)
            clipped = np.clip(hu, np.float32(low), np.float32(high))
            return dataclasses.replace(volume, hu=clipped)
        limits = np.iinfo(np.int16)
        first, last = np.int16(max(low, limits.min)), np.int16(min(high, limits.max))
        return dataclasses.replace(volume, hu=np.asarray(np.clip(volume.hu, first, last), np.int16))

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""
        return size

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        return {"clip_hu": list(self.window_hu)}


@dataclass(frozen=True)
class CropAbove:
    """Crop to the box of what is above a density, and voxels about it."""

    above_hu: float
    margin_voxels: int = 0

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`.

        Raises:
            VolumeError: Nothing is above it.
        """
        box = box_above(volume.hu, self.above_hu)
        margin = self.margin_voxels
        starts = [max(side.start - margin, 0) for side in box]
        stops = [min(side.stop + margin, n) for side, n in zip(box, volume.hu.shape, strict=True)]
        first, second, third = map(slice, starts, stops)
        return moved(volume, volume.hu[first, second, third], (starts[0], starts[1], starts[2]))

    def size_after(self, size: AnySize) -> AnySize:  # noqa: ARG002 - it hangs on the scan
        """See `HuStep.size_after`."""
        return None, None, None

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        return {"crop_to_hu_above": self.above_hu, "margin_voxels": self.margin_voxels}
