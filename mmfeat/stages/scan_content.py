"""The content of a scan, and the point of interest in it, that a feature is made from."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mmfeat.errors import RemoteError, VolumeError
from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest, Region
from mmfeat.provenance import canonical_json
from mmfeat.remote import files_now, files_seen, local_copy, remote_stat
from mmfeat.remote_path import AnyPath, RemotePath
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


def current_stat(path: AnyPath, region: Region | None = None, *, ask_again: bool = False) -> str:
    """Return the stat of a scan, with that of its region as a third word; no content is read.

    Empty when the scan is gone, so that reading it says why.

    Args:
        path: The scan.
        region: Where to look in it.
        ask_again: Of a URL: say what is there now, not what was there when the tables were read.
    """
    try:
        stat = scan_stat(path, ask_again=ask_again)
    except (VolumeError, RemoteError):
        return ""
    if region is None:
        return stat
    place = _place(region, mask_is=lambda mask: current_stat(mask, ask_again=ask_again))
    return f"{stat} {hashlib.sha256(place.encode()).hexdigest()[:16]}"


def scan_stat(path: AnyPath, *, ask_again: bool = False) -> str:
    """Return the stat of a scan, as ``current_stat`` of one without a region.

    Raises:
        VolumeError: There is no such file or folder, or it cannot be read.
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    if isinstance(path, RemotePath):
        return remote_stat(files_now(path) if ask_again else files_seen(path))
    return source_stat(path)


def content_sha256(path: AnyPath, region: Region | None = None) -> str:
    """Return the digest of a scan; of one with a region, of both together.

    So a feature of another point, or of a mask whose content has changed, is another's.

    Raises:
        VolumeError: The scan or the mask cannot be read.
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    with at_hand(path, region) as (file, place):
        sha256 = source_sha256(file)
        if place is None:
            return sha256
        text = _place(place, mask_is=_mask_sha256)
        return hashlib.sha256(f"{sha256}\n{text}".encode()).hexdigest()


@contextmanager
def at_hand(path: AnyPath, region: Region | None) -> Iterator[tuple[Path, Region | None]]:
    """Have a scan and its mask on a disk of this machine while they are read.

    What is at a URL is copied to a temporary folder, and errors about the copy name the URL.

    Args:
        path: The scan.
        region: Where to look in it.

    Raises:
        RemoteError: There is nothing at the URL, it cannot be reached, or there is no room.
    """
    if isinstance(region, MaskOfInterest) and isinstance(region.mask, RemotePath):
        with _copied(region.mask) as mask, at_hand(path, MaskOfInterest(mask)) as both:
            yield both
    elif isinstance(path, RemotePath):
        with _copied(path) as file:
            yield file, region
    else:
        yield path, region


@contextmanager
def _copied(path: RemotePath) -> Iterator[Path]:
    with local_copy(path) as copy:
        try:
            yield copy
        except VolumeError as error:
            raise VolumeError(str(error).replace(str(copy), str(path))) from error


def _mask_sha256(mask: AnyPath) -> str:
    with at_hand(mask, None) as (file, _):
        return source_sha256(file)


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
    path: AnyPath,
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
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    require_region(region, point_rules)
    with at_hand(path, region) as (file, place):
        volume = read_volume(file, rules)
        if place is None or point_rules is None:
            return volume
        return with_point(volume, place, point_rules)


def with_point(volume: Volume, region: Region, rules: PointRules) -> Volume:
    """Return the volume with its point of interest.

    Raises:
        VolumeError: The mask cannot be read, or the point is not in the volume.
    """
    match region:
        case MaskOfInterest():
            with at_hand(region.mask, None) as (mask, _):
                point_mm = mask_centre(mask, rules)
        case PointOfInterest(space="voxel"):
            point_mm = point_of_voxel(volume, region.xyz)
        case PointOfInterest():
            point_mm = region.xyz
    require_inside(volume, point_mm)
    return replace(volume, point_mm=point_mm)


def _place(region: Region, *, mask_is: Callable[[AnyPath], str]) -> str:
    """Return a region as text; ``mask_is`` says what the file of a mask is."""
    match region:
        case PointOfInterest():
            return canonical_json({region.space: list(region.xyz)})
        case MaskOfInterest():
            return f"mask {mask_is(region.mask)}"
