"""Steps that crop or pad about the centre, before or after densities are scaled."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from mmfeat.encoders.stepwise.sizes import (
    AnySize,
    filled,
    known_multiples,
    moved,
    too_short,
    where_given,
)
from mmfeat.preprocessing.cropping import Size
from mmfeat.preprocessing.fitting import Corner, fit_about_centre, multiple_of
from mmfeat.volumes.volume import Volume


class FitStep(Protocol):
    """A step that may stand among those on a scan in HU, and after its densities are scaled."""

    def fit(self, values: NDArray[Any]) -> tuple[NDArray[Any], Corner]:
        """Return ``(..., n_0, n_1, n_2)`` cropped and padded; see `fit_about_centre`."""

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""


@dataclass(frozen=True)
class Fit:
    """Crop or pad about the centre to a number of voxels.

    Cut from ``n // 2 - size // 2`` on, as MONAI; of an odd number of padded voxels the last one is
    at the end.
    """

    size: AnySize
    pad_value: float
    """In HU before densities are scaled, and else in their units."""

    def fit(self, values: NDArray[Any]) -> tuple[NDArray[Any], Corner]:
        """See `FitStep.fit`."""
        size = filled(self.size, values.shape[-3:])
        return fit_about_centre(values, size, pad_value=self.pad_value)

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        return moved(volume, *self.fit(volume.hu))

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""
        return where_given(self.size, size)

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        return {"fit_about_centre": list(self.size), "pad": self.pad_value}


@dataclass(frozen=True)
class Multiples:
    """Crop or pad about the centre so that axes are multiples of numbers of voxels."""

    numbers: Size
    by: Literal["crop", "pad"]
    pad_value: float = 0.0
    """As that of `Fit`."""

    def fit(self, values: NDArray[Any]) -> tuple[NDArray[Any], Corner]:
        """See `FitStep.fit`.

        Raises:
            VolumeError: An axis is shorter than what it is to be a multiple of.
        """
        size = multiple_of(values.shape[-3:], self.numbers, larger=self.by == "pad")
        if 0 in size:
            raise too_short(values.shape[-3:], self.numbers)
        return fit_about_centre(values, size, pad_value=self.pad_value)

    def apply(self, volume: Volume) -> Volume:
        """See `HuStep.apply`."""
        return moved(volume, *self.fit(volume.hu))

    def size_after(self, size: AnySize) -> AnySize:
        """See `HuStep.size_after`."""
        return known_multiples(size, self.numbers, larger=self.by == "pad")

    def text(self) -> dict[str, Any]:
        """See `HuStep.text`."""
        step = {"multiples_of_voxels": list(self.numbers), "by": self.by}
        return step | ({"pad": self.pad_value} if self.by == "pad" else {})
