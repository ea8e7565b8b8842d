"""Recalibrations that evaluation fitted to validation parts and kept in the run, for new cases."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.calibration import Recalibrator, recalibrator_from_json
from mmfeat.errors import TrainError, one_line

CALIBRATION_FILE = "calibration.json"
_NONE = "none"

Array = NDArray[np.float64]
Key = tuple[str, str, int]
"""Target, method and fold."""


def calibration_of_methods(run: Path, methods: Collection[str]) -> dict[str, Any]:
    """Return what a run's file says of some methods.

    Raises:
        TrainError: The file cannot be read.
    """
    known = _read(run / CALIBRATION_FILE)
    targets = {
        target: {method: made for method, made in of_target.items() if method in methods}
        for target, of_target in known["targets"].items()
    }
    return {**known, "targets": targets}


@dataclass(frozen=True)
class SavedCalibration:
    """Recalibrate the answers of folds; those that nothing was fitted for stay as they are."""

    method: str | None
    by_key: Mapping[Key, Mapping[str, Recalibrator]] = field(default_factory=dict)
    """For each target, method and fold, by the modalities that are seen."""

    @classmethod
    def read(cls, run: Path) -> "SavedCalibration":
        """Read what evaluation kept; nothing where the run was not evaluated.

        Raises:
            TrainError: The file cannot be read.
        """
        path = run / CALIBRATION_FILE
        if not path.is_file():
            return cls(None)
        known = _read(path)
        try:
            chosen = str(known["chosen"])
            by_key: dict[Key, dict[str, Recalibrator]] = {}
            for key, availability, one in _entries(known["targets"], chosen):
                by_key.setdefault(key, {})[availability] = one
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(path, error) from error
        return cls(None if chosen == _NONE else chosen, by_key)

    def kind(self, target: str, method: str) -> str | None:
        """Return how answers of a target and method are recalibrated; None: not at all."""
        known = any(key[:2] == (target, method) for key in self.by_key)
        return self.method if known else None

    def applied(
        self,
        key: Key,
        answers: Array,
        visible: NDArray[np.bool_],
        modalities: Sequence[str],
    ) -> Array:
        """Recalibrate the answers of one fold: ``(cases, outputs)``.

        Outputs beyond those that were recalibrated, such as the risk by which cases are ordered,
        stay as they are.

        Args:
            key: Target, method and fold.
            answers: Mean over the fold's heads.
            visible: What is seen of each case: ``(cases, modalities)``.
            modalities: Their names.
        """
        fitted = self.by_key.get(key)
        if not fitted:
            return answers
        found = answers.copy()
        patterns, pattern_of = np.unique(visible, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            rows = pattern_of.ravel() == number
            name = "+".join(one for one, seen in zip(modalities, pattern, strict=True) if seen)
            one = fitted.get(name)
            if one is not None:
                width = _width(one, answers.shape[1])
                found[rows, :width] = one.apply(answers[rows, :width])
        return found


def _width(recalibrator: Recalibrator, n_outputs: int) -> int:
    """Return how many outputs are recalibrated: of times, all but the last, which is no risk."""
    return n_outputs - 1 if getattr(recalibrator, "kind", "") == "time_to_event" else n_outputs


def _entries(targets: Mapping[str, Any], chosen: str) -> Iterator[tuple[Key, str, Recalibrator]]:
    """Give the chosen recalibration of each target, method, fold and availability."""
    if chosen == _NONE:
        return
    for target, methods in targets.items():
        for method, availabilities in methods.items():
            for availability, folds in availabilities.items():
                for fold, made in folds.items():
                    one = made[chosen]
                    if one["method"] != _NONE:  # where nothing could be fitted
                        key = (target, method, int(fold))
                        yield key, availability, recalibrator_from_json(one)


def _read(path: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        dict(known["targets"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    return known


def _unreadable(path: Path, error: Exception) -> TrainError:
    return TrainError(f"{path}: cannot be read ({one_line(error)}); run `mmfeat eval` again")
