"""Decode the pixels of CT slices to Hounsfield units."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import VolumeError
from mmfeat.volumes.dicom_rescaling import fractional_hu, whole_hu
from mmfeat.volumes.dicom_slice import CtSlice
from mmfeat.volumes.dicom_stored import read_stored
from mmfeat.volumes.volume import HuArray, ReadingNote

_MOST_VOXELS = 2**32
"""1024 x 1024 x 4096, eight gigabytes as int16; only a damaged header promises more."""

_Member = tuple[int, CtSlice]
"""A slice, and its place in the volume."""
_Rescale = Callable[[NDArray[np.integer], CtSlice, NDArray[Any]], bool]


def decode_hu(
    path: Path, slices: Sequence[CtSlice], *, threads: int = 1
) -> tuple[HuArray, list[ReadingNote]]:
    """Decode slices and apply each one's own slope and intercept.

    Shape:
        - Output: ``(slices, rows, columns)``, in the given order; int16 where the numbers are whole
          and fit, or else float32.

    Args:
        path: What to name in an error.
        slices: All of one size.
        threads: How many slices to decode at once.

    Raises:
        VolumeError: A file's pixels are truncated, damaged, or compressed in an unknown way.
    """
    shape = (len(slices), *slices[0].size)
    if prod(shape) > _MOST_VOXELS:
        raise VolumeError(f"{path}: {' x '.join(map(str, shape))} voxels are more than any CT has")
    for one in slices:
        one.layout.sound_element()
    if all(one.slope == 1 and one.intercept.is_integer() for one in slices):
        whole = np.empty(shape, np.int16)
        try:
            return whole, _decode_into(whole, slices, rescale=whole_hu, threads=threads)
        except OverflowError:  # int16 cannot hold a number, so all are read again
            del whole
    fractional = np.empty(shape, np.float32)
    return fractional, _decode_into(fractional, slices, rescale=fractional_hu, threads=threads)


def _decode_into(
    hu: NDArray[Any], slices: Sequence[CtSlice], *, rescale: _Rescale, threads: int
) -> list[ReadingNote]:
    def decode(members: Sequence[_Member]) -> tuple[int, int]:
        n_mended = n_contradictory = 0
        frames = read_stored(members[0][1].layout, [one.frame for _, one in members])
        for (place, one), stored in zip(members, frames, strict=True):
            n_mended += rescale(stored.values, one, hu[place])
            n_contradictory += stored.is_contradictory
        return n_mended, n_contradictory

    parts = _parts(slices, threads=threads)
    if threads == 1:
        counts = [decode(members) for members in parts]
    else:
        with ThreadPoolExecutor(threads) as pool:
            counts = list(pool.map(decode, parts))
    n_mended, n_contradictory = np.sum(counts, axis=0).tolist()
    return [
        ReadingNote("sign-mended", f"{count} slices {what}")
        for count, what in (
            (n_mended, "hold negative numbers, though PixelRepresentation is 0"),
            (n_contradictory, "are signed by frame or header only; the header was followed"),
        )
        if count
    ]


def _parts(slices: Sequence[CtSlice], *, threads: int) -> list[list[_Member]]:
    """Return what one thread reads at a time: a file, or every so many frames of it."""
    by_file: dict[int, list[_Member]] = {}
    for place, one in enumerate(slices):
        by_file.setdefault(id(one.layout), []).append((place, one))
    return [
        members[first::threads]
        for members in by_file.values()
        for first in range(min(threads, len(members)))
    ]
