"""A time to an event by proportional hazards: risks need a baseline hazard, by Breslow."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.task import TaskPart
from mmfeat.stages.training.time_outputs import names_of_times, truth_of_times

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CoxReference:
    """Hold the cases from which a baseline hazard is taken, seen as those to be predicted.

    Shape:
        - ``log_hazards``: ``(cases,)``, what a head says of them; ``times``, ``events``: without
          NaN.
    """

    log_hazards: Array
    times: Array
    events: Array


@dataclass(frozen=True)
class CoxOutcome:
    """A time to an event, of which methods predict the logarithm of the hazard ratio."""

    horizons: tuple[float, ...]
    contrast_horizon: float

    @property
    def part(self) -> TaskPart:
        """Return a part of one output."""
        return TaskPart("cox", 1, divides_at=self.contrast_horizon)

    @property
    def names(self) -> tuple[str, ...]:
        """Return a name for each horizon, and the one by which cases are ordered."""
        return names_of_times(self.horizons)

    def labels(self, values: Array) -> Array:
        """Return time and event; all events after the last horizon are taken for censored then."""
        last = self.horizons[-1]
        times, events = values.T
        seen = np.where(np.isnan(events), np.nan, (events == 1) & (times <= last))
        return np.stack([np.minimum(times, last), seen], axis=1)

    def answers(self, predicted: Array, reference: CoxReference | None = None) -> Array:
        """Return the risk until each horizon, and the log hazard ratio.

        Raises:
            ValueError: There is no reference.
        """
        if reference is None:
            raise ValueError("risks of Cox models need cases to take a baseline hazard from")
        return self.risks(predicted, cumulative_baseline(reference, np.array(self.horizons)))

    def risks(self, predicted: Array, baseline: Array) -> Array:
        """Return the same, given the cumulative hazard of a case with log hazard 0.

        Shape:
            - ``predicted``: ``(cases, 1)``; ``baseline``: ``(horizons,)``, or a row for each case.
        """
        return np.hstack([-np.expm1(-np.exp(predicted) * baseline), predicted])

    def truth(self, values: Array) -> Array:
        """Return whether the event came by each horizon, and the time, negative without event."""
        return truth_of_times(values, self.horizons)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def cumulative_baseline(reference: CoxReference, horizons: Array) -> Array:
    """Return Breslow's cumulative hazard of a case with log hazard 0, by each horizon.

    Example:
        >>> cases = CoxReference(np.zeros(2), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
        >>> cumulative_baseline(cases, np.array([1.0, 2.0])).tolist()
        [0.5, 1.5]
    """
    order = np.argsort(reference.times, kind="stable")
    times, events = reference.times[order], reference.events[order]
    at_risk = np.cumsum(np.exp(reference.log_hazards[order])[::-1])[::-1]
    # All cases of one time are at risk at it, whichever comes first.
    first = np.searchsorted(times, times, side="left")
    steps = np.concatenate([[0.0], np.cumsum(events / at_risk[first])])
    return np.asarray(steps[np.searchsorted(times, horizons, side="right")])
