"""Sensitivity at a wanted specificity, and the reverse: points of the ROC curve of each resample.

No point between two scores is made up: sensitivity is the largest that some score reaches as a
threshold while specificity is at least what is wanted.
"""

import numpy as np

from mmfeat.metrics.ranked_cases import Array, Cumulated, ratio
from mmfeat.metrics.whole_weights import searched

_ROUNDING = 1e-9


def sensitivity_at_specificity_of(cumulated: Cumulated, specificities: Array) -> Array:
    """Return the largest sensitivity at each specificity: ``(resamples, specificities)``."""
    wanted = specificities * cumulated.total_negative[:, None] - _ROUNDING
    if cumulated.weight.dtype == np.int32:
        wanted = np.ceil(wanted)
    places = searched(cumulated.negative, wanted, side="left")
    places = np.minimum(places, cumulated.negative.shape[1] - 1)
    missed = np.take_along_axis(cumulated.positive, places, axis=1)
    return _defined(1 - ratio(missed, cumulated.total_positive[:, None]), cumulated)


def specificity_at_sensitivity_of(cumulated: Cumulated, sensitivities: Array) -> Array:
    """Return the largest specificity at each sensitivity: ``(resamples, sensitivities)``."""
    may_miss = (1 - sensitivities) * cumulated.total_positive[:, None] + _ROUNDING
    if cumulated.weight.dtype == np.int32:
        may_miss = np.floor(may_miss)
    places = searched(cumulated.positive, may_miss, side="right") - 1
    passed = np.take_along_axis(cumulated.negative, places, axis=1)
    return _defined(ratio(passed, cumulated.total_negative[:, None]), cumulated)


def _defined(values: Array, cumulated: Cumulated) -> Array:
    """Return NaN where a resample has one class only."""
    both = (cumulated.total_positive > 0) & (cumulated.total_negative > 0)
    return np.where(both[:, None], values, np.nan)
