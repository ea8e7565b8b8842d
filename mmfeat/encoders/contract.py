"""What every volume encoder has and does; a test checks each entry of the table against it."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.volume import Volume

Windows = NDArray[np.float32]
"""The encoder's input: ``(windows, channels, ...)``; a window is a crop, a slice or the volume."""
WindowFeatures = NDArray[np.float32]
"""One feature for each window: ``(windows, token_size)``; those of a scan are its tokens."""
Embedding = NDArray[np.float32]
"""One feature for the case: ``(embedding_size,)``."""


@dataclass
class DeviceUsage:
    """Add up what one or more calls of ``encode`` took on the device."""

    copy_s: float = 0.0
    """Time of moving windows to the device."""
    copied_bytes: int = 0
    forward_s: float = 0.0
    """Time of the network itself."""
    smallest_batch: int | None = None
    """Windows of the smallest batch, where the device's memory was too small for the one given."""


@runtime_checkable
class Encoder(Protocol):
    """Turn a CT volume into one vector, always in the same way.

    The three steps are apart so that cases can be prepared ahead on other threads, and windows of
    several cases share a batch: ``pool(encode(prepare(volume)))``. All three are called from
    several threads at once, and ``prepare`` and ``pool`` must not change the encoder. In batches
    of one size and on one device, ``encode`` gives a window the same feature, bit for bit,
    whatever else is in its batch; in batches of other sizes, within the tolerance that the
    documentation states.
    """

    name: str
    """The encoder's name in the table of encoders."""
    embedding_size: int
    """Number of values in the pooled vector."""
    token_size: int
    """Number of values in the feature of one window."""
    recipe: dict[str, Any]
    """Everything that turns a volume into the encoder's input and its output into the vector, as
    plain JSON values, with a ``code_version`` that is raised whenever the same settings would give
    other numbers."""
    weights_sha256: str | None
    """Digest of the weights as loaded from disk; None when the encoder has none."""
    usual_batch: int
    """Windows that go through the network at once, where the settings do not say."""
    windows_alone: bool
    """True where no window may share a batch: their shapes differ, the network takes its
    statistics from the batch, or the bits of a feature hang on its place in the batch."""

    def load(self) -> None:
        """Build the network and load its weights onto the device.

        Called once, before the first ``encode``; ``prepare`` and ``pool`` need no ``load``. The
        constructor only checks its arguments and digests the weights file, so that the recipe is
        known (to find a cache, to dry-run) without building anything.

        Raises:
            EncoderError: The weights do not fit; the message names what is missing or foreign.
        """

    def prepare(self, volume: Volume) -> Windows:
        """Orient, resample, window and crop a volume.

        Raises:
            VolumeError: The volume cannot be given to this encoder; the message says why.
        """

    def encode(self, batch: Windows, usage: DeviceUsage | None = None) -> WindowFeatures:
        """Run the frozen network on a batch of windows, on the encoder's device.

        Args:
            batch: The windows.
            usage: Is told what it took.

        Raises:
            DeviceMemoryError: The device's memory is too small for a single window.
        """

    def pool(self, features: WindowFeatures) -> Embedding:
        """Reduce the features of all windows of one case to one vector."""
