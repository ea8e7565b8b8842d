"""Cut prepared channels into what the network sees at once."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.stepwise.sizes import AnySize
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.windows import inference_windows, sliding_windows

Channels = NDArray[np.float32]
"""``(channels, n_0, n_1, n_2)``."""


class Cut(Protocol):
    """Make windows of channels."""

    def windows(self, channels: Channels) -> Windows:
        """Return ``(windows, channels, ...)``, as it lies in memory."""

    def size_after(self, size: AnySize) -> tuple[int | None, ...]:
        """Return the size of a window, without its channels."""

    def text(self) -> list[dict[str, Any]]:
        """Return it as plain JSON values, to stand at the end of all steps."""


@dataclass(frozen=True)
class WholeScan:
    """Give all of the scan as one window."""

    def windows(self, channels: Channels) -> Windows:
        """Return ``(1, channels, n_0, n_1, n_2)``."""
        return np.ascontiguousarray(channels[None])

    def size_after(self, size: AnySize) -> tuple[int | None, ...]:
        """See `Cut.size_after`."""
        return size

    def text(self) -> list[dict[str, Any]]:
        """See `Cut.text`."""
        return []


@dataclass(frozen=True)
class SlidingBoxes:
    """Cut boxes on a regular grid.

    ``padded``: the last one on an axis is filled up, as by MONAI's SlidingWindowSplitter; ``moved
    back``: it ends where the scan does, as in MONAI's sliding_window_inference.
    """

    size: Size
    overlap: float = 0.0
    last_window: Literal["padded", "moved back"] = "moved back"
    pad_value: float = 0.0

    def windows(self, channels: Channels) -> Windows:
        """Return ``(windows, channels, *size)``."""
        cut = sliding_windows if self.last_window == "padded" else inference_windows
        of_channels = [
            cut(channel, self.size, overlap=self.overlap, pad_value=self.pad_value)
            for channel in channels
        ]
        return of_channels[0][:, None] if len(of_channels) == 1 else np.stack(of_channels, axis=1)

    def size_after(self, size: AnySize) -> tuple[int | None, ...]:  # noqa: ARG002 - all axes are cut
        """See `Cut.size_after`."""
        return self.size

    def text(self) -> list[dict[str, Any]]:
        """See `Cut.text`."""
        return [
            {
                "windows": list(self.size),
                "overlap": self.overlap,
                "last_window": self.last_window,
                "pad": self.pad_value,
            }
        ]


@dataclass(frozen=True)
class Slices:
    """Give each position on the first axis as an image of its own."""

    most: int | None = None
    """A scan with more slices gives that many, evenly spaced over it."""

    def windows(self, channels: Channels) -> Windows:
        """Return ``(slices, channels, n_1, n_2)``."""
        n_slices = channels.shape[1]
        if self.most is not None and n_slices > self.most:
            middles = (np.arange(self.most) + 0.5) * n_slices / self.most
            channels = channels[:, middles.astype(np.intp)]
        return np.ascontiguousarray(channels.transpose(1, 0, 2, 3))

    def size_after(self, size: AnySize) -> tuple[int | None, ...]:
        """See `Cut.size_after`."""
        return size[1:]

    def text(self) -> list[dict[str, Any]]:
        """See `Cut.text`."""
        return [{"slices": "along the first axis", "most": self.most}]
