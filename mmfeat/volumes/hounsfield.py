"""Refuse values that cannot be Hounsfield units of a body, and say what they probably are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.volume import Volume

_SAMPLE_SIZE = 1_000_000
"""Voxels looked at for everything but the extremes, evenly spread: enough for percentiles."""

PADDING_BELOW_HU = -1500.0
"""Nothing is that thin: air is -1000, with noise and overshoot down to -1300. Lower values fill
the corners outside the field of view (-2000, -3024), or tell of an intercept applied twice."""
LARGEST_HU = 35_000.0
"""Metal reaches 30710 on the extended scale; more was a negative number, read as unsigned."""
FEWEST_LEVELS = 120
"""Distinct values: a lung crop of 32 voxels a side has above 200, label maps 2 to 118."""
LARGEST_LABEL = 32_767
"""Labels stay below; it bounds the work of counting them."""
NARROWEST_SPAN = 30.0
"""Noise alone makes a CT wider; values scaled to 0..1, to -1..1 or to unit variance stay below."""
LOW_WITHOUT_AIR_HU = -200.0
"""If 99.5 % of voxels are above, there is neither air nor lung, and hardly fat."""
HIGH_WITHOUT_AIR_HU = 800.0
"""Ten per cent of voxels above this, and no air: soft tissue at 1024 + 50, not compact bone."""
HIGH_WITH_THIN_HU = -500.0
"""If 99 % of voxels are below, and some are thinner than air, tissue stands at -1000."""


@dataclass(frozen=True)
class _Values:
    """What the rules look at."""

    minimum: float
    maximum: float
    sample: NDArray[np.float32]
    """At most about a million voxels, flat."""
    rescale_type: str

    @property
    def range(self) -> str:
        return f"{self.minimum:g}..{self.maximum:g}"

    def has_integers_from_zero_to(self, largest: int) -> bool:
        in_range = self.minimum >= 0 and self.maximum <= largest
        return in_range and bool((self.sample == np.round(self.sample)).all())


def finite_extremes(path: Path, volume: Volume) -> tuple[float, float]:
    """Return the smallest and the largest value; refuse NaN and infinity.

    Raises:
        VolumeError: There is a voxel without a value.
    """
    # The extremes are NaN or infinite if any voxel is; that needs no array of flags.
    extremes = float(volume.hu.min()), float(volume.hu.max())
    if not np.isfinite(extremes).all():
        count = int((~np.isfinite(volume.hu)).sum())
        raise VolumeError(
            f"{path}: {count} voxels are NaN or infinite; convert it again from DICOM"
        )
    return extremes


def require_hounsfield(path: Path, volume: Volume, extremes: tuple[float, float]) -> None:
    """Refuse a volume whose values cannot be Hounsfield units; every rule is in `RULES`.

    Raises:
        VolumeError: The values are something else; says what, and what to do.
    """
    stride = max(1, round((volume.hu.size / _SAMPLE_SIZE) ** (1 / 3)))
    values = _Values(
        minimum=extremes[0],
        maximum=extremes[1],
        sample=volume.hu[::stride, ::stride, ::stride].ravel(),
        rescale_type=volume.header.get("rescale_type", "HU"),
    )
    for rule in RULES.values():
        likely = rule(values)
        if likely is not None:
            raise VolumeError(f"{path}: not in Hounsfield units: {likely}")


def _other_unit(values: _Values) -> str | None:
    if values.rescale_type.upper() in ("HU", "US", "HU_MOD"):  # US: unspecified
        return None
    return f"its RescaleType is {values.rescale_type}; give the series with CT numbers"


def _constant(values: _Values) -> str | None:
    if values.minimum < values.maximum:
        return None
    return f"all voxels are {values.minimum:g}, so it is empty; give the original"


def _label_map(values: _Values) -> str | None:
    if not values.has_integers_from_zero_to(LARGEST_LABEL):
        return None
    levels = len(np.unique(values.sample))
    if levels > FEWEST_LEVELS:
        return None
    return f"{levels} different values, {values.range}: a label map; give the image it belongs to"


def _eight_bit(values: _Values) -> str | None:
    if not values.has_integers_from_zero_to(255):
        return None
    return f"integers {values.range}: an 8-bit picture; give the original CT"


def _normalised(values: _Values) -> str | None:
    if values.maximum - values.minimum >= NARROWEST_SPAN:
        return None
    return f"values {values.range}: already normalised; give the volume before normalisation"


def _wrapped(values: _Values) -> str | None:
    if max(-values.minimum, values.maximum) <= LARGEST_HU:
        return None
    return f"values {values.range}: negative numbers read as unsigned; convert it again from DICOM"


def _offset(values: _Values) -> str | None:
    inside = values.sample[values.sample > PADDING_BELOW_HU]
    if not inside.size:
        return None
    low, high = np.percentile(inside, (0.5, 90))
    without_air = low > LOW_WITHOUT_AIR_HU and high > HIGH_WITHOUT_AIR_HU
    if inside.min() < 0 and not without_air:
        return None
    return (
        f"values {values.range} without air at -1000: no CT, or one whose rescale intercept "
        "(mostly -1024) was not applied; convert it again from DICOM"
    )


def _rescaled_twice(values: _Values) -> str | None:
    thinner_than_air = float((values.sample < PADDING_BELOW_HU).mean())
    if thinner_than_air < 0.01 or float(np.percentile(values.sample, 99)) > HIGH_WITH_THIN_HU:
        return None
    return (
        f"values {values.range} with tissue near -1000: the rescale intercept was applied twice; "
        "convert it again from DICOM"
    )


RULES: dict[str, Callable[[_Values], str | None]] = {
    "other unit": _other_unit,
    "constant": _constant,
    "label map": _label_map,
    "8 bit": _eight_bit,
    "normalised": _normalised,
    "wrapped": _wrapped,
    "offset": _offset,
    "rescaled twice": _rescaled_twice,
}
"""Tried in this order; each returns why the values cannot be Hounsfield units, or None."""
