"""Rows of a predictions table that say through which modalities a case was seen."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.report import PREDICTION_COLUMNS
from mmfeat.stages.evaluation.prediction_rows import prediction_rows
from mmfeat.stages.training.scenes import Scene


def view_rows(
    scene: Scene,
    target: str,
    rows: NDArray[np.int64],
    visible: NDArray[np.bool_],
    answers: NDArray[np.float64],
    *,
    of_all: Mapping[str, object],
) -> pd.DataFrame:
    """Return the predictions of some cases for one target, in the columns of the report.

    Args:
        scene: Fold, target and variant.
        target: Name of the target, one of those that the scene predicts.
        rows: Row numbers of the cases.
        visible: What was seen of them: ``(cases, modalities)``.
        answers: Of each output: ``(cases, outputs)``.
        of_all: Method and regime.
    """
    modalities = scene.opened.table.modalities
    availability = [
        "+".join(m for m, seen in zip(modalities, row, strict=True) if seen) for row in visible
    ]
    frame = prediction_rows(
        scene.opened.cohort,
        target,
        rows,
        answers,
        outcome=scene.outcomes[target],
        of_all={**of_all, "fold": scene.number},
        of_cases={"availability": availability},
    )
    return frame[list(PREDICTION_COLUMNS)]
