"""For each event the weight of later cases, and of those among them that were given less risk."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics.ranked_cases import Array
from mmfeat.metrics.whole_weights import Sums, Weights, compact

Places = NDArray[np.intp]

_FEWEST_TO_HALVE = 128
"""Of so few cases every pair is looked at; more are halved by time first."""


@dataclass(frozen=True)
class _AllPairs:
    """A few cases, each event compared with each later one."""

    cases: slice
    events: slice
    in_order: NDArray[np.float32]
    """Halves and ones: sums of whole numbers by them are exact."""

    def add(self, weights: Weights, found: Array) -> None:
        kind = np.float32 if weights.dtype == np.uint8 else np.float64
        found[self.events] += self.in_order.T.astype(kind, copy=False) @ weights[self.cases].astype(
            kind
        )


@dataclass(frozen=True)
class _Halves:
    """The events of an earlier half, compared with a later half that is sorted by risk."""

    events: slice
    later: Places
    below: Places
    """For each event how many of the later half have less risk."""
    tied: Places
    """Which of the events have the risk of some of the later half."""
    up_to: Places
    """For these, how many have less risk or the same."""

    def add(self, weights: Weights, found: Array) -> None:
        sums = sums_along_cases(weights[self.later])
        of_events = found[self.events]
        of_events += sums[self.below]
        if len(self.tied):
            of_events[self.tied] += (sums[self.up_to] - sums[self.below[self.tied]]) / 2


def sums_along_cases(weights: Weights) -> Sums:
    """Return the sums of the first cases: ``(cases + 1, resamples)``, row 0 is zero."""
    kind = np.int32 if weights.dtype == np.uint8 else np.float64
    sums = np.zeros((len(weights) + 1, weights.shape[1]), dtype=kind)
    np.cumsum(weights, axis=0, dtype=kind, out=sums[1:])
    return sums


class LaterCases:
    """Count pairs of one fold by halving it by time, so that not every pair is looked at.

    Shape:
        - ``times``, ``events``, ``risks``: ``(cases,)``.
    """

    def __init__(self, times: Array, events: NDArray[np.bool_], risks: Array) -> None:
        # Of one time the events come first: a case that was only followed until then is later.
        group = 2 * np.unique(times, return_inverse=True)[1] + ~events
        self._order = np.argsort(group, kind="stable")
        self._group, self._risks = group[self._order], risks[self._order]
        happened = events[self._order]
        self.events: Places = self._order[happened]
        """Row numbers of the cases with the event, earliest first."""
        self._places = np.concatenate([[0], np.cumsum(happened)])
        self._happened = happened
        self._after = np.searchsorted(self._group, self._group[happened], side="right")
        self._steps: list[_AllPairs | _Halves] = []
        self._divide(0, len(times))

    def __call__(self, weights: Weights) -> tuple[Array, Array]:
        """Return for each event the weight of later cases with less risk, ties half, and of all.

        Shape:
            - Input: ``(resamples, cases)``. Output: ``(events, resamples)`` each.
        """
        ordered = compact(weights).T[self._order]
        in_order = np.zeros((len(self.events), len(weights)))
        for step in self._steps:
            step.add(ordered, in_order)
        sums = sums_along_cases(ordered[::-1])
        return in_order, sums[len(ordered) - self._after].astype(np.float64)

    def _divide(self, first: int, last: int) -> None:
        """Plan how the events from the first place up to the last are compared with one another."""
        if last - first <= 1 or self._group[first] == self._group[last - 1]:
            return
        if last - first <= _FEWEST_TO_HALVE:
            self._steps.append(self._all_pairs(first, last))
            return
        middle = self._middle(first, last)
        self._steps.append(self._halves(first, middle, last))
        self._divide(first, middle)
        self._divide(middle, last)

    def _middle(self, first: int, last: int) -> int:
        """Return a place near the middle at which another group begins."""
        of_middle = self._group[(first + last) // 2]
        places = [int(np.searchsorted(self._group, of_middle, side)) for side in ("left", "right")]
        inside = [place for place in places if first < place < last]
        return min(inside, key=lambda place: abs(2 * place - first - last))

    def _all_pairs(self, first: int, last: int) -> _AllPairs:
        cases = slice(first, last)
        groups, risks, happened = self._group[cases], self._risks[cases], self._happened[cases]
        later = groups[:, None] > groups[happened]
        less = (risks[:, None] < risks[happened]) + (risks[:, None] == risks[happened]) / 2
        return _AllPairs(cases, self._events_of(first, last), (later * less).astype(np.float32))

    def _halves(self, first: int, middle: int, last: int) -> _Halves:
        risks = self._risks[first:middle][self._happened[first:middle]]
        by_risk = middle + np.argsort(self._risks[middle:last], kind="stable")
        below, up_to = (
            np.searchsorted(self._risks[by_risk], risks, side) for side in ("left", "right")
        )
        tied = np.flatnonzero(up_to > below)
        return _Halves(self._events_of(first, middle), by_risk, below, tied, up_to[tied])

    def _events_of(self, first: int, last: int) -> slice:
        return slice(int(self._places[first]), int(self._places[last]))
