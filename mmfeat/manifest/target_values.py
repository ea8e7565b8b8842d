"""Read the labels of a target, and list every cell that is none."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.cohort import (
    BinaryTarget,
    MulticlassTarget,
    MultilabelTarget,
    RegressionTarget,
    Target,
    TimeToEventTarget,
)
from mmfeat.config.labels import label_text
from mmfeat.errors import Fault
from mmfeat.manifest.cohort import TargetValues, TimeRules
from mmfeat.manifest.identities import texts
from mmfeat.manifest.numbers import plain_number
from mmfeat.manifest.reading import FIRST_ROW

Column = NDArray[np.float64]
"""Values of one column, NaN where unknown: ``(cases,)``."""


def read_target(frame: pd.DataFrame, name: str, target: Target) -> tuple[TargetValues, list[Fault]]:
    """Read a target whose columns are all in the frame.

    Returns:
        The values, NaN where the label is missing or wrong, and a fault for every wrong cell, for
        settings that contradict themselves, and for a column that has nothing to tell apart.
    """
    match target:
        case BinaryTarget():
            labels = [label_text(target.negative), label_text(target.positive)]
            values, faults = _read_labels(frame, name, target.column, labels)
            return TargetValues("binary", (labels[1],), values[:, None]), faults
        case MulticlassTarget():
            labels = [label_text(label) for label in target.classes]
            values, faults = _read_labels(frame, name, target.column, labels)
            return TargetValues("multiclass", tuple(labels), values[:, None]), faults
        case MultilabelTarget():
            return _read_multilabel(frame, name, target)
        case RegressionTarget():
            values, faults = _read(frame, target.column, plain_number, "must be a number")
            faults = faults or _one_value(values, name, target.column)
            return TargetValues("regression", (target.column,), values[:, None]), faults
        case TimeToEventTarget():
            return _read_time_to_event(frame, name, target)


def _read_labels(
    frame: pd.DataFrame, name: str, column: str, labels: Sequence[str]
) -> tuple[Column, list[Fault]]:
    """Read cells as the index of their label."""
    numbers = {label: float(index) for index, label in enumerate(labels)}
    if len(numbers) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        message = f"the target `{name}` declares `{twice}` twice; each class needs its own value"
        return np.full(len(frame), np.nan), [Fault(message, column=column)]
    listed = ", ".join(f"`{label}`" for label in labels)
    message = f"not a declared label of the target `{name}` ({listed}); correct or empty the cell"
    values, faults = _read(frame, column, lambda text: numbers.get(label_text(text)), message)
    return values, faults or _one_value(values, name, column, labels)


def _read_multilabel(
    frame: pd.DataFrame, name: str, target: MultilabelTarget
) -> tuple[TargetValues, list[Fault]]:
    parts = [_read_labels(frame, name, column, ["0", "1"]) for column in target.columns]
    faults = [fault for _, found in parts for fault in found]
    if len(set(target.columns)) < len(target.columns):
        faults.append(Fault(f"the target `{name}` names a column twice: {target.columns}"))
    values = np.stack([column for column, _ in parts], axis=1)  # (cases, labels)
    return TargetValues("multilabel", tuple(target.columns), values), faults


def _read_time_to_event(
    frame: pd.DataFrame, name: str, target: TimeToEventTarget
) -> tuple[TargetValues, list[Fault]]:
    def time_of(text: str) -> float | None:
        number = plain_number(text)
        return number if number is not None and number >= 0 else None

    times, faults = _read(frame, target.time, time_of, "a time must be a number, 0 or more")
    events, found = _read_labels(frame, name, target.event, ["0", "1"])
    faults += found
    for row in np.flatnonzero(frame[target.time].isna() != frame[target.event].isna()):
        message = f"only one of `{target.time}` and `{target.event}` is given; give both or none"
        faults.append(Fault(message, row=int(row) + FIRST_ROW))
    values = np.stack([times, events], axis=1)  # (cases, 2)
    horizons = tuple(target.horizons or usual_horizons(times[events == 1]))
    longest = float(np.nanmax(times, initial=0.0))
    if not faults and target.horizons is not None and longest < horizons[-1]:
        message = (
            f"no case of the target `{name}` is followed until the horizon {horizons[-1]:g} (the "
            f"longest time is {longest:g}); correct `horizons`, they are in the unit of the column"
        )
        faults.append(Fault(message, column=target.time))
    rules = TimeRules(horizons, target.intervals, target.model == "cox")
    return TargetValues("time_to_event", (target.time, target.event), values, rules), faults


def usual_horizons(event_times: Column) -> list[float]:
    """Return the quartiles of the times of events, to two digits, each once and above 0.

    Example:
        >>> usual_horizons(np.array([100.0, 365, 371, 512, 1004]))
        [360.0, 370.0, 510.0]
    """
    if not len(event_times):
        return []
    quartiles = np.quantile(event_times, [0.25, 0.5, 0.75])
    return sorted({float(f"{time:.2g}") for time in quartiles if time > 0})


def _read(
    frame: pd.DataFrame, column: str, parse: Callable[[str], float | None], message: str
) -> tuple[Column, list[Fault]]:
    values = np.full(len(frame), np.nan)
    faults = []
    for index, text in enumerate(texts(frame, column)):
        if text is None:
            continue
        number = parse(text)
        if number is None:
            faults.append(Fault(message, index + FIRST_ROW, column, text))
        else:
            values[index] = number
    return values, faults


def _one_value(
    values: Column, name: str, column: str, labels: Sequence[str] | None = None
) -> list[Fault]:
    """Return a fault when all known values are the same, or none is known."""
    known = np.unique(values[~np.isnan(values)])
    if len(known) > 1:
        return []
    if not len(known):
        return [Fault(f"the target `{name}` has no label in any row", column=column)]
    found = labels[int(known[0])] if labels is not None else f"{known[0]:g}"
    message = (
        f"the target `{name}` has only one value, so that nothing can be learnt; "
        "correct the settings or take the target out"
    )
    return [Fault(message, column=column, value=found)]
