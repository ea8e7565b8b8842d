"""What a target is for the methods, and what their answers mean; fitted to training parts only."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.task import Kind, Task, TaskPart
from mmfeat.manifest.cohort import Cohort, Fold, TargetValues, TimeRules
from mmfeat.provenance import write_json
from mmfeat.stages.training.cox_outcome import CoxOutcome
from mmfeat.stages.training.hazard_outcome import HazardOutcome
from mmfeat.stages.training.time_intervals import event_by, interval_ends

Array = NDArray[np.float64]


@runtime_checkable
class Outcome(Protocol):
    """Translate between a target as the user knows it and as methods do."""

    @property
    def part(self) -> TaskPart:
        """Return what methods are asked for."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the outputs that users see."""

    def labels(self, values: Array) -> Array:
        """Return the labels that methods learn from, ``(cases, columns)``, NaN where unknown."""

    def answers(self, predicted: Array) -> Array:
        """Return what users see of methods' answers ``(cases, outputs)``: ``(cases, names)``."""

    def truth(self, values: Array) -> Array:
        """Return what the answers are compared with: ``(cases, names)``, NaN where unknown."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values, for the run folder."""


@dataclass(frozen=True)
class LabelOutcome:
    """A class, or labels, which methods predict as they are."""

    kind: Kind
    names: tuple[str, ...]

    @property
    def part(self) -> TaskPart:
        """Return a part with a logit for each name."""
        return TaskPart(self.kind, len(self.names))

    def labels(self, values: Array) -> Array:
        """Return the values."""
        return values

    def answers(self, predicted: Array) -> Array:
        """Return the probabilities."""
        return predicted

    def truth(self, values: Array) -> Array:
        """Return the labels; for classes one 1 in each row."""
        if self.kind != "multiclass":
            return values
        return np.where(np.isnan(values), np.nan, values == np.arange(len(self.names)))

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"names": list(self.names)}


@dataclass(frozen=True)
class NumberOutcome:
    """A number, which methods predict in standard deviations from the mean of the training part."""

    name: str
    mean: float
    sd: float
    median: float

    @property
    def part(self) -> TaskPart:
        """Return a part of one output; the contrastive stage divides at the median."""
        return TaskPart("regression", 1, divides_at=(self.median - self.mean) / self.sd)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of the column."""
        return (self.name,)

    def labels(self, values: Array) -> Array:
        """Return standardised numbers."""
        return (values - self.mean) / self.sd

    def answers(self, predicted: Array) -> Array:
        """Return the number in its own unit."""
        return self.mean + self.sd * predicted

    def truth(self, values: Array) -> Array:
        """Return the numbers."""
        return values

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def fitted_outcome(target: TargetValues, train: NDArray[np.int64]) -> Outcome:
    """Fit a target to the training part; no other label is looked at.

    Args:
        target: The target's values.
        train: Row numbers of the training part.

    Raises:
        TrainError: The training part has no event within the last horizon.
    """
    known = target.values[train]
    known = known[~np.isnan(known).any(axis=1)]
    if target.kind == "regression":
        return _number(target.names[0], known[:, 0])
    if target.kind == "time_to_event":
        return _times(known[:, 0], known[:, 1], target.times)
    return LabelOutcome(target.kind, target.names)


def fold_outcomes(cohort: Cohort, fold: Fold, targets: Iterable[str]) -> dict[str, Outcome]:
    """Fit each of some targets to the training part of a fold.

    Raises:
        TrainError: There is nothing to fit one to; the message names it.
    """
    outcomes = {}
    for name in targets:
        try:
            outcomes[name] = fitted_outcome(cohort.targets[name], fold.train)
        except TrainError as error:
            raise TrainError(f"cohort.targets.{name}: {error}") from error
    return outcomes


def write_outcomes(folder: Path, outcomes: Mapping[str, Outcome]) -> None:
    """Write how each target of a fold was fitted, one file for each."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, outcome in outcomes.items():
        fitted = {"kind": outcome.part.kind, "outputs": list(outcome.names)}
        write_json(folder / f"{name}.json", {**fitted, **outcome.to_json()})


def joint_task(outcomes: Mapping[str, Outcome], weights: Mapping[str, float]) -> Task:
    """Return the task of all targets side by side."""
    return Task(
        tuple(replace(one.part, weight=float(weights[name])) for name, one in outcomes.items())
    )


def _number(name: str, known: Array) -> NumberOutcome:
    if not len(known):
        return NumberOutcome(name, 0.0, 1.0, 0.0)
    sd = float(known.std())
    return NumberOutcome(name, float(known.mean()), sd or 1.0, float(np.median(known)))


def _times(times: Array, events: Array, rules: TimeRules | None) -> HazardOutcome | CoxOutcome:
    if rules is None or not rules.horizons:
        raise ValueError("times to an event need rules with horizons")
    horizons = rules.horizons
    if not ((events == 1) & (times <= horizons[-1])).any():
        raise TrainError(
            f"the training part has no event by the last horizon ({horizons[-1]:g}); give more "
            "cases, fewer folds, or larger `horizons`"
        )
    by_horizons = [event_by(times, events, horizon) for horizon in horizons]
    smaller = [min((known == 1).sum(), (known == 0).sum()) for known in by_horizons]
    contrast_horizon = horizons[int(np.argmax(smaller))]
    if rules.is_cox:
        return CoxOutcome(horizons, contrast_horizon)
    ends = interval_ends(times, events, horizons, rules.n_intervals)
    return HazardOutcome(tuple(ends.tolist()), horizons, contrast_horizon)
