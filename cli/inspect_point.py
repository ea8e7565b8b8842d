"""Which point of a scan ``mmfeat inspect`` is asked about."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mmfeat.manifest.regions import Region

    from .inspect_options import PointSpace


def asked_region(point: str | None, space: "PointSpace", mask: Path | None) -> "Region | None":
    """Return where to look, as the options say it; None where they say nothing.

    Raises:
        ConfigError: Both a point and a mask are given, or a point is not three numbers.
    """
    from mmfeat.errors import ConfigError
    from mmfeat.manifest.numbers import plain_number
    from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest

    if point is not None and mask is not None:
        raise ConfigError("--mask: leave it out or --point; one of them says where to look")
    if mask is not None:
        return MaskOfInterest(mask.absolute())
    if point is None:
        return None
    match [plain_number(text.strip()) for text in point.split(",")]:
        case [float(x), float(y), float(z)]:
            return PointOfInterest.of((x, y, z), space.value)
        case _:
            raise ConfigError(f"--point {point}: must be three numbers, as in -57.1,20,-312.5")
