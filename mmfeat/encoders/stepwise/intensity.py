"""From Hounsfield units to the values of one channel."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.preparing.preparation import Range
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.intensity import scale_window
from mmfeat.volumes.volume import HuArray


@dataclass(frozen=True)
class Intensity:
    """Clip, then map to a range, then subtract and divide; or standardise by the volume itself.

    What is not given is left out, so `Intensity()` leaves Hounsfield units.
    """

    clip_hu: Range | None = None
    to: Range | None = None
    """What the ends of ``clip_hu`` become."""
    subtract: float = 0.0
    divide_by: float = 1.0
    standardise: bool = False
    """Subtract the mean of the clipped volume and divide by its deviation."""

    def __post_init__(self) -> None:
        if self.to is not None and self.clip_hu is None:
            raise ValueError("to: needs clip_hu, the densities that become its ends")
        if self.standardise and (self.to is not None or self.subtract or self.divide_by != 1):
            raise ValueError("standardise: goes with clip_hu alone; it replaces all other scaling")
        if self.divide_by == 0:
            raise ValueError("divide_by: must not be 0")

    def channel(self, hu: HuArray) -> NDArray[np.float32]:
        """Return the values of the channel, a new array of float32.

        Raises:
            VolumeError: The volume is to be standardised, and nothing in it varies.
        """
        if self.clip_hu is not None and self.to is not None:
            values = scale_window(hu, self.clip_hu)
            low, high = self.to
            if self.to != (0.0, 1.0):
                values *= np.float32(high - low)
                values += np.float32(low)
        elif self.clip_hu is not None:
            low, high = self.clip_hu
            values = np.clip(np.asarray(hu, np.float32), np.float32(low), np.float32(high))
        else:
            values = np.array(hu, np.float32)
        if self.standardise:
            return _standardised(values)
        if self.subtract:
            values -= np.float32(self.subtract)
        if self.divide_by != 1:
            values /= np.float32(self.divide_by)
        return values

    def text(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        text: dict[str, Any] = {}
        if self.clip_hu is not None:
            text["clip_hu"] = list(self.clip_hu)
        if self.to is not None:
            text["to"] = list(self.to)
        if self.standardise:
            text["standardise"] = "mean and deviation of the volume"
        if self.subtract or self.divide_by != 1:
            text |= {"subtract": self.subtract, "divide_by": self.divide_by}
        return text


def _standardised(values: NDArray[np.float32]) -> NDArray[np.float32]:
    deviation = float(values.std(dtype=np.float64))
    if deviation == 0:
        raise VolumeError(
            "nothing varies in it, and this encoder standardises by what does; use another encoder "
            "for such volumes"
        )
    values -= np.float32(values.mean(dtype=np.float64))
    values /= np.float32(deviation)
    return values
