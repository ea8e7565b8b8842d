"""Baseline hazards of Cox models, kept beside their heads: new cases are answered without others.

A baseline hazard is taken from the cases that a head learnt from, seen through the same modalities
as the case to be answered; so each set of modalities has its own.
"""

import json
from pathlib import Path

import numpy as np

from mmfeat.errors import TrainError, one_line
from mmfeat.fusion.contract import FoldData, Head
from mmfeat.fusion.modality_sets import members_in, name_of
from mmfeat.fusion.views import every_view
from mmfeat.provenance import write_json
from mmfeat.stages.predicting.saved_outcomes import Baselines
from mmfeat.stages.training.answers import cox_reference
from mmfeat.stages.training.cox_outcome import CoxOutcome, cumulative_baseline
from mmfeat.stages.training.scenes import Scene

_FILE = "baselines.json"


def save_baselines(scene: Scene, head: Head, folder: Path) -> None:
    """Write the baseline hazards of a head's Cox models into its folder; others are left alone.

    Args:
        scene: Fold, target and data that it was trained on.
        head: The head.
        folder: Where it is.
    """
    data, found = scene.data, {}
    for (name, outcome), (_, outputs, columns) in zip(
        scene.outcomes.items(), data.task.places(), strict=True
    ):
        if isinstance(outcome, CoxOutcome):
            found[name] = _baselines(head, data, outcome, outputs, columns)
    if found:
        write_json(folder / _FILE, found)


def _baselines(
    head: Head, data: FoldData, outcome: CoxOutcome, outputs: slice, columns: slice
) -> dict[str, list[float]]:
    reference = cox_reference(head, data, outputs, columns)
    horizons = np.array(outcome.horizons)
    return {
        name_of(members_in(view)): cumulative_baseline(reference(view), horizons).tolist()
        for view in every_view(len(data.modalities))
    }


def read_baselines(folder: Path) -> dict[str, Baselines]:
    """Read the baseline hazards of a head, for each of its targets with a Cox model.

    Raises:
        TrainError: They are not there, as before the first evaluation, or cannot be read.
    """
    path = folder / _FILE
    if not path.is_file():
        raise TrainError(f"{path}: no baseline hazards yet; run `mmfeat eval` first")
    try:
        known: dict[str, Baselines] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainError(
            f"{path}: cannot be read ({one_line(error)}); run `mmfeat eval` again"
        ) from error
    return known
