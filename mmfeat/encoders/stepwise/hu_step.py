"""What every step on a scan in Hounsfield units has and does."""

from typing import Any, Protocol

from mmfeat.encoders.stepwise.sizes import AnySize
from mmfeat.volumes.volume import Volume


class HuStep(Protocol):
    """Change a scan, and say how."""

    def apply(self, volume: Volume) -> Volume:
        """Return the changed scan; the given one stays as it is."""

    def size_after(self, size: AnySize) -> AnySize:
        """Return what is known of the size, given what was known before."""

    def text(self) -> dict[str, Any]:
        """Return the step as plain JSON values."""
