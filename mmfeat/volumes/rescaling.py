"""Apply slope and intercept: a file's own while it is read, and then those of the settings."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.rules import ReadingRules
from mmfeat.volumes.volume import HuArray, ReadingNote, Volume

_INT16 = np.iinfo(np.int16)
_MODULUS = 2**16


def is_whole(dtype: np.dtype[Any], slope: float, intercept: float) -> bool:
    """Say whether stored values of this type become whole numbers."""
    return dtype.kind in "iu" and float(slope).is_integer() and float(intercept).is_integer()


def rescale(stored: NDArray[Any], out: HuArray, *, slope: float, intercept: float) -> None:
    """Write ``slope * stored + intercept``, which `is_whole` where ``out`` is int16.

    ``out`` may be the memory of ``stored``, where both have numbers of one size.

    Raises:
        OverflowError: int16 cannot hold a number; nothing was written.
    """
    if out.dtype == np.int16:
        _rescale_whole(stored, out, slope=int(slope), intercept=int(intercept))
        return
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold is infinite
        np.copyto(out, stored, casting="unsafe")
        if slope != 1:
            out *= np.float32(slope)
        if intercept != 0:
            out += np.float32(intercept)


def _rescale_whole(
    stored: NDArray[np.integer], out: NDArray[Any], *, slope: int, intercept: int
) -> None:
    if stored.dtype.type == np.int16 and (slope, intercept) == (1, 0):
        np.copyto(out, stored)
        return
    ends = [int(end) * slope + intercept for end in (stored.min(), stored.max())]
    if min(ends) < _INT16.min or max(ends) > _INT16.max:
        raise OverflowError
    # As the result fits, every step towards it may wrap around.
    wrapped = out.view(np.uint16)
    is_short = stored.dtype.isnative and stored.itemsize == out.itemsize
    np.copyto(wrapped, stored.view(np.uint16) if is_short else stored, casting="unsafe")
    if slope != 1:
        wrapped *= np.uint16(slope % _MODULUS)
    if intercept != 0:
        wrapped += np.uint16(intercept % _MODULUS)


def rescaled_by_setting(volume: Volume, rules: ReadingRules) -> Volume:
    """Return the volume after the settings' own slope and intercept, with a note of it.

    The volume's array is used again where its type can hold the result. The header no longer says
    in which unit the values are: it spoke of those before.
    """
    slope, intercept = rules.slope, rules.intercept
    if (slope, intercept) == (1, 0):
        return volume
    header = {name: text for name, text in volume.header.items() if name != "rescale_type"}
    if "padding_hu" in header:
        header["padding_hu"] = f"{float(header['padding_hu']) * slope + intercept:g}"
    note = ReadingNote("rescaled-by-setting", f"multiplied by {slope:g}, then {intercept:+g}")
    return replace(
        volume,
        hu=_rescaled(volume.hu, slope=slope, intercept=intercept),
        header=header,
        notes=(*volume.notes, note),
    )


def _rescaled(hu: HuArray, *, slope: float, intercept: float) -> HuArray:
    if hu.dtype == np.int16 and is_whole(hu.dtype, slope, intercept):
        with suppress(OverflowError):
            rescale(hu, hu, slope=slope, intercept=intercept)
            return hu
    fractional: HuArray = hu if hu.dtype == np.float32 else np.empty(hu.shape, np.float32)
    rescale(hu, fractional, slope=slope, intercept=intercept)
    return fractional
