"""Refuse values that cannot be Hounsfield units of a body, and say what they probably are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.volumes.likely_intercept import likely_intercept
from mmfeat.volumes.volume import HuArray, ReadingNote, Volume

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
LARGEST_12_BIT = 4095
AIR_AS_12_BIT = (2990, 3160)
"""Air, from -1106 to -936, in 12 bits without their sign: rare metal and bone in an honest file."""
LARGEST_12_BIT_HU = 3071.0
"""4095 - 1024: where most scanners stop."""
HU_TYPES = ("HU", "HU_MOD", "US")
"""Values of DICOM's RescaleType that let values be HU; US says nothing."""
_ANYWAY = "reading.check_hu: false reads it all the same"


@dataclass(frozen=True)
class _Values:
    """What the rules look at."""

    minimum: float
    maximum: float
    sample: HuArray
    """At most about a million voxels, flat."""
    rescale_type: str

    @property
    def range(self) -> str:
        return f"{self.minimum:g}..{self.maximum:g}"

    def has_integers_from_zero_to(self, largest: int) -> bool:
        if self.minimum < 0 or self.maximum > largest:
            return False
        return self.sample.dtype == np.int16 or bool((self.sample == np.round(self.sample)).all())


def require_hounsfield(path: Path, volume: Volume, extremes: tuple[float, float]) -> None:
    """Refuse a volume whose values cannot be Hounsfield units.

    Raises:
        VolumeError: The values are something else; says what, and what to do.
    """
    doubt = hounsfield_doubt(volume, extremes)
    if doubt is not None:
        raise VolumeError(f"{path}: not in Hounsfield units: {doubt}")


def hounsfield_doubt(volume: Volume, extremes: tuple[float, float]) -> str | None:
    """Return why values cannot be Hounsfield units, or None; every rule is in `RULES`."""
    stride = max(1, round((volume.hu.size / _SAMPLE_SIZE) ** (1 / 3)))
    values = _Values(
        minimum=extremes[0],
        maximum=extremes[1],
        sample=volume.hu[::stride, ::stride, ::stride].ravel(),
        rescale_type=volume.header.get("rescale_type", "HU"),
    )
    found = (rule(values) for rule in RULES.values())
    return next((doubt for doubt in found if doubt is not None), None)


def value_notes(extremes: tuple[float, float]) -> tuple[ReadingNote, ...]:
    """Return what is to be said of values that are Hounsfield units."""
    if extremes[1] != LARGEST_12_BIT_HU:
        return ()
    return (ReadingNote("twelve-bit", "values end at 3071 HU: denser metal was cut off there"),)


def _other_unit(values: _Values) -> str | None:
    if values.rescale_type.upper() in HU_TYPES:
        return None
    return (
        f"its RescaleType is {values.rescale_type}; give the series with CT numbers, or set "
        "reading.slope and reading.intercept"
    )


def _constant(values: _Values) -> str | None:
    if values.minimum < values.maximum:
        return None
    return f"all voxels are {values.minimum:g}, so it is empty; give the original; {_ANYWAY}"


def _label_map(values: _Values) -> str | None:
    if not values.has_integers_from_zero_to(LARGEST_LABEL):
        return None
    levels = len(np.unique(values.sample))
    if levels > FEWEST_LEVELS:
        return None
    return (
        f"{levels} different values, {values.range}: a label map; give the image it belongs to; "
        f"{_ANYWAY}"
    )


def _eight_bit(values: _Values) -> str | None:
    if not values.has_integers_from_zero_to(255):
        return None
    return (
        f"integers {values.range}: an 8-bit picture; give the original CT, or set reading.slope "
        f"and reading.intercept: {400 / 255:.4g} and -160, if 0..255 were -160 to 240 HU"
    )


def _normalised(values: _Values) -> str | None:
    if values.maximum - values.minimum >= NARROWEST_SPAN:
        return None
    slope = 2000 / (values.maximum - values.minimum)
    intercept = -1000 - slope * values.minimum
    return (
        f"values {values.range}: already normalised; give the volume before normalisation, or set "
        f"reading.slope and reading.intercept: {slope:.4g} and {intercept:.4g}, if these were "
        "-1000 to 1000 HU"
    )


def _wrapped(values: _Values) -> str | None:
    if max(-values.minimum, values.maximum) <= LARGEST_HU and not _is_12_bit_wrapped(values):
        return None
    return (
        f"values {values.range}: negative numbers read as unsigned, which no slope or intercept "
        f"mends; convert it again from DICOM; {_ANYWAY}"
    )


def _is_12_bit_wrapped(values: _Values) -> bool:
    if not values.has_integers_from_zero_to(LARGEST_12_BIT):
        return False
    low, high = AIR_AS_12_BIT
    return float(((values.sample >= low) & (values.sample <= high)).mean()) > 0.1


def _offset(values: _Values) -> str | None:
    inside = values.sample[values.sample > PADDING_BELOW_HU]
    if not inside.size:
        return None
    low, high = np.percentile(inside, (0.5, 90))
    without_air = low > LOW_WITHOUT_AIR_HU and high > HIGH_WITHOUT_AIR_HU
    if inside.min() < 0 and not without_air:
        return None
    setting = _setting(likely_intercept(values.sample))
    return (
        f"values {values.range} without air at -1000: no CT, or one whose rescale intercept "
        f"(mostly -1024) was not applied; set {setting}, or convert it again from DICOM"
    )


def _rescaled_twice(values: _Values) -> str | None:
    thinner_than_air = float((values.sample < PADDING_BELOW_HU).mean())
    if thinner_than_air < 0.01 or float(np.percentile(values.sample, 99)) > HIGH_WITH_THIN_HU:
        return None
    setting = _setting(likely_intercept(values.sample, twice=True))
    return (
        f"values {values.range} with tissue near -1000: the rescale intercept was applied twice; "
        f"set {setting}, or convert it again from DICOM"
    )


def _setting(likely: int | None) -> str:
    return "reading.intercept" if likely is None else f"reading.intercept: {likely}"


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
