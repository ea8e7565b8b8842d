"""Weights that are whole numbers as bytes: sums of them are exact, and several times as fast."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[Any]  # arithmetic on a union of arrays has no type
"""Weights of cases: float64, or bytes where all are whole numbers."""
Sums = NDArray[Any]
"""Sums of them: float64, or int32."""

_LARGEST = 255


def compact(weights: Weights) -> Weights:
    """Return whole numbers from 0 to 255 as bytes, and anything else as it is.

    A bootstrap draws cases a whole number of times, so its weights are such; those of censored
    cases are not.

    Example:
        >>> compact(np.array([[0.0, 2.0]])).dtype, compact(np.array([[0.5, 2.0]])).dtype
        (dtype('uint8'), dtype('float64'))
    """
    if weights.dtype == np.uint8 or not weights.size or weights.max() > _LARGEST:
        return weights
    small = weights.astype(np.uint8)
    return small if np.array_equal(small, weights) else weights


def cumulated_sums(ordered: Weights) -> Sums:
    """Return the sums of weights along the cases: ``(resamples, cases + 1)``, column 0 is zero."""
    kind = np.int32 if ordered.dtype == np.uint8 else np.float64
    sums = np.zeros((len(ordered), ordered.shape[1] + 1), dtype=kind)
    np.cumsum(ordered, axis=1, dtype=kind, out=sums[:, 1:])
    return sums


def searched(
    sums: Sums, wanted: NDArray[Any], *, side: Literal["left", "right"]
) -> NDArray[np.int64]:
    """Find the place of each wanted sum in the rising sums of its row, as `numpy.searchsorted`.

    Shape:
        - ``sums``: ``(resamples, n)``; ``wanted`` and output: ``(resamples, wanted)``.
    """
    wanted = wanted.astype(sums.dtype)  # what is searched for is converted, not all sums
    if sums.dtype == np.int32 and len(sums) > 1:
        # Rows moved apart are one rising sequence: one search instead of one for each row.
        apart = int(sums[:, -1].max()) + 2
        rows = np.arange(len(sums))[:, None]
        starts = apart * rows
        inside = np.clip(wanted, -1, apart - 1)
        places = (sums + starts).ravel().searchsorted((inside + starts).ravel(), side=side)
        return np.asarray(places.reshape(wanted.shape) - sums.shape[1] * rows)
    found = [values.searchsorted(one, side=side) for values, one in zip(sums, wanted, strict=True)]
    return np.stack(found) if found else np.empty(wanted.shape, dtype=np.int64)
