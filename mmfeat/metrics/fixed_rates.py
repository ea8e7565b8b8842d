"""Sensitivity at a wanted specificity, and the reverse: points of the ROC curve of each resample.

No point between two scores is made up: sensitivity is the largest that some score reaches as a
threshold while specificity is at least what is wanted.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics.ranked_cases import Array, Cumulated, ratio
from mmfeat.metrics.whole_weights import Sums

_ROUNDING = 1e-9


def sensitivity_at_specificity_of(cumulated: Cumulated, specificities: Array) -> Array:
    """Return the largest sensitivity at each specificity: ``(resamples, specificities)``."""
    wanted = specificities * cumulated.total_negative[:, None] - _ROUNDING
    if cumulated.weight.dtype == np.int32:
        wanted = np.ceil(wanted)
    places = _searched(cumulated.negative, wanted, side="left")
    missed = np.take_along_axis(cumulated.positive, places, axis=1)
    return _defined(1 - ratio(missed, cumulated.total_positive[:, None]), cumulated)


def specificity_at_sensitivity_of(cumulated: Cumulated, sensitivities: Array) -> Array:
    """Return the largest specificity at each sensitivity: ``(resamples, sensitivities)``."""
    may_miss = (1 - sensitivities) * cumulated.total_positive[:, None] + _ROUNDING
    if cumulated.weight.dtype == np.int32:
        may_miss = np.floor(may_miss)
    places = _searched(cumulated.positive, may_miss, side="right") - 1
    passed = np.take_along_axis(cumulated.negative, places, axis=1)
    return _defined(ratio(passed, cumulated.total_negative[:, None]), cumulated)


def _searched(sums: Sums, wanted: Array, *, side: Literal["left", "right"]) -> NDArray[np.int64]:
    """Find the place of each wanted sum in the rising sums of its resample."""
    wanted = wanted.astype(sums.dtype)  # a searched row is not converted
    places = np.empty(wanted.shape, dtype=np.int64)
    for row, (values, of_row) in enumerate(zip(sums, wanted, strict=True)):
        places[row] = np.searchsorted(values, of_row, side=side)
    return np.clip(places, 0, sums.shape[1] - 1) if side == "left" else places


def _defined(values: Array, cumulated: Cumulated) -> Array:
    """Return NaN where a resample has one class only."""
    both = (cumulated.total_positive > 0) & (cumulated.total_negative > 0)
    return np.where(both[:, None], values, np.nan)
