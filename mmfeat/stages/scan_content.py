"""The content of a scan, and the point of interest in it, that a feature is made from."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mmfeat.errors import VolumeError
from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest, Region
from mmfeat.provenance import canonical_json
from mmfeat.volumes import (
    PointRules,
    ReadingRules,
    Volume,
    read_volume,
    source_sha256,
    source_stat,
)
from mmfeat.volumes.points import mask_centre, point_of_voxel, require_inside

_USUAL_RULES = ReadingRules()


def current_stat(path: Path, region: Region | None = None) -> str:
    """Return the stat of a scan, with that of its region as a third word; no content is read.

    Empty when the scan is gone, so that reading it says why.
    """
    try:
        stat = source_stat(path)
    except VolumeError:
        return ""
    if region is None:
        return stat
    place = _place(region, mask_is=current_stat)
    return f"{stat} {hashlib.sha256(place.encode()).hexdigest()[:16]}"


def content_sha256(path: Path, region: Region | None = None) -> str:
    """Return the digest of a scan; of one with a region, of both together.

    So a feature of another point, or of a mask whose content has changed, is another's.

    Raises:
        VolumeError: The scan or the mask cannot be read.
    """
    sha256 = source_sha256(path)
    if region is None:
        return sha256
    place = _place(region, mask_is=source_sha256)
    return hashlib.sha256(f"{sha256}\n{place}".encode()).hexdigest()


def require_region(region: Region | None, rules: PointRules | None) -> None:
    """Refuse a scan without a point for an encoder that needs one.

    Raises:
        VolumeError: There is none.
    """
    if rules is not None and region is None:
        what = "coordinates" if rules.given_as == "point" else "mask"
        raise VolumeError(
            f"the encoder needs a point of interest, and the table has no {what} for this scan; "
            "fill it in"
        )


def read_scan_content(
    path: Path,
    region: Region | None = None,
    *,
    rules: ReadingRules = _USUAL_RULES,
    point_rules: PointRules | None = None,
) -> Volume:
    """Read a volume, and find the point of interest in it.

    Args:
        path: The scan.
        region: Where to look in it.
        rules: How it is read.
        point_rules: How its point is found; None: the encoder looks at all of the scan.

    Raises:
        VolumeError: The scan or the mask cannot be read, or the point is not in the scan.
    """
    require_region(region, point_rules)
    volume = read_volume(path, rules)
    if region is None or point_rules is None:
        return volume
    return with_point(volume, region, point_rules)


def with_point(volume: Volume, region: Region, rules: PointRules) -> Volume:
    """Return the volume with its point of interest.

    Raises:
        VolumeError: The mask cannot be read, or the point is not in the volume.
    """
    match region:
        case MaskOfInterest():
            point_mm = mask_centre(region.mask, rules)
        case PointOfInterest(space="voxel"):
            point_mm = point_of_voxel(volume, region.xyz)
        case PointOfInterest():
            point_mm = region.xyz
    require_inside(volume, point_mm)
    return replace(volume, point_mm=point_mm)


def _place(region: Region, *, mask_is: Callable[[Path], str]) -> str:
    """Return a region as text; ``mask_is`` says what the file of a mask is."""
    match region:
        case PointOfInterest():
            return canonical_json({region.space: list(region.xyz)})
        case MaskOfInterest():
            return f"mask {mask_is(region.mask)}"
