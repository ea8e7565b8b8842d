"""How well a head predicts the test part of a fold, through each set of modalities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.methods.folds import BenchmarkFold
from mmfeat.fusion.contract import Head
from mmfeat.fusion.views import every_view
from mmfeat.metrics.discrimination import auroc

NATURAL = "as they come"
_LEAST_PROBABILITY = 1e-7


@dataclass(frozen=True)
class Score:
    """Hold how well one availability is predicted; NaN where the cases show one class only."""

    availability: str
    n_cases: int
    auroc: float
    log_loss: float


def score_head(head: Head, fold: BenchmarkFold) -> list[Score]:
    """Score every set of modalities on the cases that have it whole, and all cases as they come."""
    data, names = fold.data, fold.data.modalities
    scores = []
    for view in every_view(len(names)):
        rows = fold.test[data.present[fold.test][:, view].all(axis=1)]
        visible = np.tile(view, (len(rows), 1))
        availability = "+".join(np.array(names)[view])
        scores.append(_score(head, fold, rows, visible, availability))
    return [*scores, _score(head, fold, fold.test, data.present[fold.test], NATURAL)]


def _score(
    head: Head,
    fold: BenchmarkFold,
    rows: NDArray[np.int64],
    visible: NDArray[np.bool_],
    availability: str,
) -> Score:
    if not len(rows):
        return Score(availability, 0, float("nan"), float("nan"))
    features = {name: values[rows] for name, values in fold.data.features.items()}
    probabilities = head.predict(features, visible)
    labels = fold.data.labels[rows, 0]
    if probabilities.shape[1] == 1:
        probabilities = np.hstack([1 - probabilities, probabilities])
    classes = np.unique(labels).astype(np.int64)
    areas = [auroc(labels == one, probabilities[:, one]) for one in classes if len(classes) > 1]
    if probabilities.shape[1] == 2:
        areas = areas[-1:]
    of_truth = probabilities[np.arange(len(rows)), labels.astype(np.int64)]
    log_loss = -np.log(np.maximum(of_truth, _LEAST_PROBABILITY)).mean()
    return Score(
        availability, len(rows), float(np.mean(areas)) if areas else float("nan"), float(log_loss)
    )
