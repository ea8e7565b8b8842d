"""What users see of a time to an event: the risk until some horizons, and an order of the cases."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.stages.training.time_intervals import event_by, signed_times

Array = NDArray[np.float64]

RISK = "risk"
"""Name of the output by which cases with times are ordered: higher, sooner."""


def names_of_times(horizons: tuple[float, ...]) -> tuple[str, ...]:
    """Return the names of the outputs of a time to an event.

    Example:
        >>> names_of_times((12.0, 24.0))
        ('by 12', 'by 24', 'risk')
    """
    return (*(f"by {horizon:g}" for horizon in horizons), RISK)


def truth_of_times(values: Array, horizons: tuple[float, ...]) -> Array:
    """Return what risks are compared with: ``(cases, horizons + 1)``."""
    times, events = values.T
    by_horizons = [event_by(times, events, horizon) for horizon in horizons]
    return np.stack([*by_horizons, signed_times(times, events)], axis=1)
