"""What a recipe does to a volume: the contract of all preparations, and what they share."""

from collections.abc import Mapping
from typing import Any, Protocol, Self

from mmfeat.encoders.contract import Windows
from mmfeat.encoders.options import Option, Value
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.foreground import foreground_box
from mmfeat.preprocessing.memory_order import Box
from mmfeat.preprocessing.sampler import Sampler
from mmfeat.volumes.volume import HuArray, Volume

Spacing = tuple[float, float, float]
Range = tuple[float, float]


class Preparation(Protocol):
    """Turn a volume into an encoder's windows, and say how in plain JSON values."""

    @property
    def size(self) -> Size | None:
        """Voxels of a window, along the axes of the recipe; None: each scan has its own."""

    @property
    def options(self) -> Mapping[str, Option]:
        """What a user may choose; each is a field of the preparation."""

    def changed(self, options: Mapping[str, Value]) -> Self:
        """Return the preparation under an encoder's options, of which it takes its own.

        ``shrink`` is one of them for every preparation: for tests, it divides the voxels of a
        window, which stay as large as they were.
        """

    def steps(self) -> list[dict[str, Any]]:
        """Return what is done, in its order, as a recipe's ``prepare``."""

    def prepare(self, volume: Volume, sampler: Sampler) -> Windows:
        """Return the windows: ``(windows, 1, *size)``.

        Args:
            volume: The scan.
            sampler: Does the heavy steps where it can; who does them changes no number.

        Raises:
            VolumeError: The volume has nothing that this preparation could work with.
        """


def resampling_step(spacing_mm: Spacing) -> dict[str, Any]:
    """Return how a recipe names resampling by `sample`."""
    return {"resample_mm": list(spacing_mm), "interpolation": "trilinear, edge goes on"}


def shrunk(size: Size, options: Mapping[str, Value]) -> Size:
    """Return the size of a window under the option ``shrink``."""
    first, second, third = (n // int(options["shrink"]) for n in size)
    return first, second, third


def box_above(hu: HuArray, above_hu: float) -> Box:
    """Return the box of what is above a density.

    Raises:
        VolumeError: Nothing is.
    """
    box = foreground_box(hu, above_hu)
    if box is None:
        raise nothing_above(above_hu)
    return box


def nothing_above(above_hu: float) -> VolumeError:
    """Return the error of a volume that has no foreground."""
    return VolumeError(
        f"nothing is above {above_hu:g} HU, and this encoder crops to what is; use another encoder "
        "for such volumes"
    )
