"""Read stored voxels to Hounsfield units, a part at a time, so that nothing is in memory twice."""

import io
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np

from mmfeat.errors import VolumeError
from mmfeat.volumes.detached import place_of
from mmfeat.volumes.rescaling import is_whole, rescale
from mmfeat.volumes.unpacking import PackedError, Packing, UnpackedStream, fill, open_unpacked
from mmfeat.volumes.volume import HuArray, ReadingNote

_MOST_VOXELS = 2**32
"""1024 x 1024 x 4096, eight gigabytes as int16; only a damaged header promises more."""
_MOST_UNPACKED = 1032
"""Bytes that deflate can make of one; bzip2 can make more, but only of an empty volume."""
_MOST_BEYOND = 2**20
"""Bytes after the last voxel that are let pass; more, and the header is wrong, or it is a bomb."""
_PART_VOXELS = 2**19
"""Read and rescaled at a time: a megabyte of int16, which stays in a core's cache."""


@dataclass(frozen=True)
class StoredVoxels:
    """Say where and how a file holds its voxels."""

    file: Path
    shape: tuple[int, int, int]
    """``(d, h, w)``, the reverse of the order of a file's axes; the last one varies fastest."""
    dtype: np.dtype[Any]
    packing: Packing = "none"
    starts_at: int = 0
    """Byte of the file where the voxels, or what is packed, begin."""
    skipped_bytes: int = 0
    """To be skipped after that, counted unpacked."""
    slope: float = 1.0
    intercept: float = 0.0

    @property
    def promised_bytes(self) -> int:
        """How many bytes there must be, unpacked."""
        return self.skipped_bytes + prod(self.shape) * self.dtype.itemsize


def read_hu(path: Path, voxels: StoredVoxels) -> tuple[HuArray, list[ReadingNote]]:
    """Read voxels and apply slope and intercept.

    The stream is read to its end, where the checksum is; if it goes on far beyond the last voxel,
    it is refused there. Peak memory is the array that is returned, and about 4 MB.

    Shape:
        - Output: ``voxels.shape``; int16 where the numbers are whole and fit, or else float32.

    Args:
        path: What to name in an error.
        voxels: What the header says.

    Raises:
        VolumeError: The voxels are no real numbers, truncated, damaged, or not what was promised.
    """
    place = place_of(path, voxels.file)
    _require_plausible(place, voxels)
    if is_whole(voxels.dtype, voxels.slope, voxels.intercept):
        with suppress(OverflowError):  # int16 cannot hold a number, so all are read again
            return _read_as(np.int16, place, voxels)
    return _read_as(np.float32, place, voxels)


def _require_plausible(place: str, voxels: StoredVoxels) -> None:
    """Refuse what cannot be true of a file of this size, before memory is set aside for it."""
    if voxels.dtype.kind not in "iuf":
        raise VolumeError(
            f"{place}: {voxels.dtype} voxels, a CT has one real number for each; give the original"
        )
    if prod(voxels.shape) > _MOST_VOXELS:
        size = " x ".join(map(str, voxels.shape[::-1]))
        raise VolumeError(f"{place}: its header promises {size} voxels, more than any CT has")
    present = max(0, voxels.file.stat().st_size - voxels.starts_at)
    possible = present * (1 if voxels.packing == "none" else _MOST_UNPACKED)
    if voxels.promised_bytes > possible:
        packed = "" if voxels.packing == "none" else f" in {voxels.packing}"
        raise _truncated(place, voxels, f"{present}{packed}")


def _truncated(place: str, voxels: StoredVoxels, present: str) -> VolumeError:
    return VolumeError(
        f"{place}: truncated: its header promises {voxels.promised_bytes} bytes, {present} are "
        "there; copy or convert it again"
    )


def _read_as(
    dtype: type[np.int16] | type[np.float32], place: str, voxels: StoredVoxels
) -> tuple[HuArray, list[ReadingNote]]:
    try:
        hu = cast("HuArray", np.empty(voxels.shape, dtype))
    except MemoryError as error:
        raise VolumeError(f"{place}: too large for this machine's memory") from error
    try:
        with open_unpacked(voxels.file, voxels.packing, at=voxels.starts_at) as stream:
            _read_into(hu, place, voxels, stream)
            return hu, _read_end(place, stream)
    except PackedError as error:
        raise VolumeError(
            f"{place}: truncated or damaged {voxels.packing} file ({error}); copy it again"
        ) from error


def _read_into(hu: HuArray, place: str, voxels: StoredVoxels, stream: io.RawIOBase) -> None:
    n_read = _skip(stream, voxels.skipped_bytes)
    dtype, flat = voxels.dtype, hu.reshape(-1)
    is_alike = dtype.isnative and dtype.itemsize == hu.itemsize
    part = np.empty(0 if is_alike else _PART_VOXELS * dtype.itemsize, np.uint8)
    for start in range(0, flat.size, _PART_VOXELS):
        out = flat[start : start + _PART_VOXELS]
        raw = out.view(np.uint8) if is_alike else part[: out.size * dtype.itemsize]
        n_filled = fill(stream, raw)
        n_read += n_filled
        if n_filled < raw.size:
            raise _truncated(place, voxels, f"{n_read}")
        rescale(raw.view(dtype), out, slope=voxels.slope, intercept=voxels.intercept)


def _skip(stream: io.RawIOBase, n_bytes: int) -> int:
    """Read what nobody wants; return how much of it there was."""
    unwanted = np.empty(min(n_bytes, _MOST_BEYOND), np.uint8)
    n_skipped = 0
    while n_skipped < n_bytes:
        n_filled = fill(stream, unwanted[: n_bytes - n_skipped])
        if not n_filled:
            break
        n_skipped += n_filled
    return n_skipped


def _read_end(place: str, stream: io.RawIOBase) -> list[ReadingNote]:
    """Read what is behind the last voxel; a checksum is compared on the way."""
    n_beyond = fill(stream, np.empty(_MOST_BEYOND + 1, np.uint8))
    if n_beyond > _MOST_BEYOND:
        raise VolumeError(
            f"{place}: goes on for more than {_MOST_BEYOND} bytes after the voxels that its header "
            "promises; convert it again"
        )
    if n_beyond:
        return [ReadingNote("trailing-bytes", f"{n_beyond} bytes follow the last voxel")]
    if isinstance(stream, UnpackedStream) and stream.has_stray_bytes:
        return [ReadingNote("trailing-bytes", "something follows the end of the packed voxels")]
    return []
