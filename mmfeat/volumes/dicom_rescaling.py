"""Turn stored values into Hounsfield units, by a slice's own slope and intercept."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.volumes.dicom_slice import CtSlice

_INT16 = np.iinfo(np.int16)
_LOWEST_SIGNED_HU = -8192
"""Padding goes down to -3024 HU; the same bits, read without a sign, are above 57343."""


def fractional_hu(stored: NDArray[np.integer], one: CtSlice, out: NDArray[np.float32]) -> bool:
    """Write HU as float32, which holds whatever a CT may; return False, as nothing is mended."""
    np.multiply(stored, np.float32(one.slope), out=out, casting="unsafe")
    if one.intercept:
        out += np.float32(one.intercept)
    return False


def whole_hu(stored: NDArray[np.integer], one: CtSlice, out: NDArray[np.int16]) -> bool:
    """Write HU as int16, exactly, where the slope is 1 and the intercept whole.

    Negative numbers that the header calls unsigned are read as what they are: without their sign
    they would be far above anything that a CT holds.

    Returns:
        Whether signs had to be mended.

    Raises:
        OverflowError: A number does not fit into int16.
    """
    intercept = int(one.intercept)
    is_mended = not _fit(stored, intercept, lowest=_INT16.min)
    if is_mended:
        stored = stored.view(f"i{stored.itemsize}")
        if not _fit(stored, intercept, lowest=_LOWEST_SIGNED_HU):
            raise OverflowError
    if stored.itemsize == out.itemsize:  # the sum fits, so it may pass through a wrapped one
        unsigned = np.uint16(intercept % 2**16)
        np.add(stored.view(np.uint16), unsigned, out=out.view(np.uint16))
    else:
        np.add(stored, intercept, out=out, casting="unsafe", dtype=np.int64)
    return is_mended


def _fit(stored: NDArray[np.integer], intercept: int, *, lowest: int) -> bool:
    low, high = int(stored.min()) + intercept, int(stored.max()) + intercept
    return lowest <= low and high <= _INT16.max
