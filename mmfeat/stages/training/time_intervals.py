"""Times to an event as labels of intervals, and hazards of intervals as risks."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FEWEST_EVENTS = 5
"""An interval with fewer events in the training part is joined with its neighbour."""


def interval_ends(
    times: Array, events: Array, horizons: Sequence[float], n_intervals: int
) -> Array:
    """Return the ends of the intervals: all horizons, and between them quantiles of event times.

    Shape:
        - ``times``, ``events``: ``(cases,)`` of the training part, without NaN.
        - Output: ``(intervals,)``, rising; the last one is the last horizon.
    """
    of_events = np.sort(times[(events == 1) & (times <= horizons[-1])])
    ends = list(horizons)
    shares = np.arange(1, n_intervals) / n_intervals
    for end in np.unique(np.quantile(of_events, shares)) if len(of_events) else ():
        if len(ends) == max(n_intervals, len(horizons)):
            break
        place = int(np.searchsorted(ends, end))
        if place == len(ends) or ends[place] == end:
            continue
        before = ends[place - 1] if place else 0.0
        if min(_between(of_events, before, end), _between(of_events, end, ends[place])) >= (
            FEWEST_EVENTS
        ):
            ends.insert(place, float(end))
    return np.array(ends)


def _between(of_events: Array, start: float, end: float) -> int:
    """Return the number of events after the start, or from 0 on, and up to the end."""
    first = 0 if start == 0 else np.searchsorted(of_events, start, side="right")
    return int(np.searchsorted(of_events, end, side="right") - first)


def interval_labels(times: Array, events: Array, ends: Array) -> Array:
    """Say of each case and interval whether the event came in it: 1, 0, or NaN where not at risk.

    A case whose follow-up ends within an interval has survived it if it was followed for at least
    half of it (Gensheimer and Narasimhan, PeerJ 2019), and is not at risk in it otherwise.

    Shape:
        - ``times``, ``events``: ``(cases,)``, NaN where unknown.
        - Output: ``(cases, intervals)``.
    """
    starts = np.concatenate([[0.0], ends[:-1]])
    time, event = times[:, None], events[:, None]
    survived = (event == 0) & (time >= (starts + ends) / 2)
    survived |= (event == 1) & (time > ends)
    labels = np.where(survived, 0.0, np.nan)
    first = (ends == ends[0]) & (time == 0)
    in_it = (event == 1) & (time <= ends) & ((time > starts) | first)
    return np.where(in_it, 1.0, labels)


def event_by(times: Array, events: Array, horizon: float) -> Array:
    """Say of each case whether the event came by a time: 1, 0, or NaN where that is not known."""
    free = (times > horizon) | ((events == 0) & (times >= horizon))
    known = np.where(free, 0.0, np.nan)
    return np.where((events == 1) & (times <= horizon), 1.0, known)


def cumulative_incidence(hazards: Array) -> Array:
    """Return the probability of the event by each interval's end: ``(cases, intervals)``."""
    return np.asarray(1.0 - np.cumprod(1.0 - hazards, axis=1))


def time_lost(incidence: Array, ends: Array) -> Array:
    """Return the mean time without the event that is lost until the last end: ``(cases,)``.

    It is the area under the cumulative incidence, straight between the ends.

    Example:
        >>> time_lost(np.array([[0.0, 1.0]]), np.array([10.0, 20.0])).tolist()
        [5.0]
    """
    before = np.hstack([np.zeros((len(incidence), 1)), incidence[:, :-1]])
    widths = np.diff(ends, prepend=0.0)
    return np.asarray(((before + incidence) / 2) @ widths)


def signed_times(times: Array, events: Array) -> Array:
    """Return times to events, negative where follow-up ended without one; NaN where unknown.

    A follow-up of 0 tells nothing and is unknown.
    """
    signed = np.where(events == 1, times, -times)
    return np.where((events == 0) & (times == 0), np.nan, signed)
