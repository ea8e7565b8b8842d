"""A time to an event by discrete hazards: a label for each interval of time."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.task import TaskPart
from mmfeat.stages.training.time_intervals import cumulative_incidence, interval_labels, time_lost
from mmfeat.stages.training.time_outputs import names_of_times, truth_of_times

Array = NDArray[np.float64]


@dataclass(frozen=True)
class HazardOutcome:
    """A time to an event, which methods predict as the hazard of each interval."""

    ends: tuple[float, ...]
    horizons: tuple[float, ...]
    contrast_horizon: float
    """That of which most is known on either side."""

    @property
    def part(self) -> TaskPart:
        """Return a part with a logit for each interval."""
        until = float(self.ends.index(self.contrast_horizon) + 1)
        return TaskPart("multilabel", len(self.ends), hazards=True, divides_at=until)

    @property
    def names(self) -> tuple[str, ...]:
        """Return a name for each horizon, and the one by which cases are ordered."""
        return names_of_times(self.horizons)

    def labels(self, values: Array) -> Array:
        """Return a label for each interval."""
        return interval_labels(values[:, 0], values[:, 1], np.array(self.ends))

    def answers(self, predicted: Array) -> Array:
        """Return the risk until each horizon, and the mean time lost until the last one."""
        incidence = cumulative_incidence(predicted)
        places = [self.ends.index(horizon) for horizon in self.horizons]
        lost = time_lost(incidence, np.array(self.ends))
        return np.hstack([incidence[:, places], lost[:, None]])

    def truth(self, values: Array) -> Array:
        """Return whether the event came by each horizon, and the time, negative without event."""
        return truth_of_times(values, self.horizons)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
