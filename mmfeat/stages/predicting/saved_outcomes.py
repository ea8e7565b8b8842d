"""Targets as a finished training fitted them, read back; what Cox models need beside them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError, one_line
from mmfeat.fusion.modality_sets import members_in, name_of
from mmfeat.stages.training.cox_outcome import CoxOutcome
from mmfeat.stages.training.hazard_outcome import HazardOutcome
from mmfeat.stages.training.outcomes import LabelOutcome, NumberOutcome, Outcome

Array = NDArray[np.float64]
Baselines = Mapping[str, Sequence[float]]
"""For each set of modalities, by its name, the cumulative hazard by each horizon."""


def read_outcomes(folder: Path, targets: Sequence[str]) -> dict[str, Outcome]:
    """Read how targets were fitted to the training part of a fold.

    Args:
        folder: With a JSON file for each target, as ``write_outcomes`` makes it.
        targets: Which of them.

    Raises:
        TrainError: A file is missing or damaged.
    """
    outcomes = {}
    for target in targets:
        path = folder / f"{target}.json"
        try:
            outcomes[target] = _outcome(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainError(
                f"{path}: how the target was fitted cannot be read ({one_line(error)}); "
                "run `mmfeat train` again"
            ) from error
    return outcomes


def _outcome(known: Mapping[str, Any]) -> Outcome:
    if known["kind"] == "regression":
        return NumberOutcome(known["name"], known["mean"], known["sd"], known["median"])
    if known["kind"] == "cox":
        return CoxOutcome(tuple(known["horizons"]), known["contrast_horizon"])
    if "ends" in known:
        horizons = tuple(known["horizons"])
        return HazardOutcome(tuple(known["ends"]), horizons, known["contrast_horizon"])
    return LabelOutcome(known["kind"], tuple(known["names"]))


@dataclass(frozen=True)
class SavedAnswers:
    """Turn what one head predicts of one target into what users see, without its training part."""

    outcome: Outcome
    baselines: Baselines | None = None
    """Of a Cox model; None for all others."""

    def answers(self, predicted: Array, visible: NDArray[np.bool_]) -> Array:
        """Return ``(cases, names)``.

        Shape:
            - ``predicted``: ``(cases, outputs of the head)``; ``visible``: ``(cases, modalities)``.
        """
        if not isinstance(self.outcome, CoxOutcome):
            return self.outcome.answers(predicted)
        if self.baselines is None:
            raise ValueError("risks of Cox models need their baseline hazards")
        hazards = np.array([self.baselines[name_of(members_in(seen))] for seen in visible])
        return self.outcome.risks(predicted, hazards)
