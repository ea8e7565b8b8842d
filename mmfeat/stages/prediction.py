"""Predict the test parts of a run, for every set of modalities, with heads that belong to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.contract import FitOptions, FoldData, Head
from mmfeat.fusion.views import every_view
from mmfeat.manifest.cohort import Cohort, Fold, TargetValues
from mmfeat.progress import Progress
from mmfeat.report import PREDICTION_COLUMNS
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.features import open_features
from mmfeat.stages.training.device import few_threads
from mmfeat.stages.training.fold import (
    check_patients_apart,
    digest_of_features,
    digest_of_split,
    fold_data,
)
from mmfeat.stages.training.heads import identity_of, is_finished
from mmfeat.stages.training.plan import TrainingPlan, fit_options, plan_training


def predict_run(project: Project, progress: Progress) -> pd.DataFrame:
    """Predict every test part with the heads of that fold, averaged over the seeds.

    Every head is checked against the present settings, splits, labels and features first.

    Returns:
        One row for each case, target, method, regime, availability and output. simulated: for every
        set of modalities, the cases that have all of it, seen through it. natural: each case with
        what it has. The label of a class is 1 for the case's own class and 0 for the others; NaN
        where it is unknown.

    Raises:
        TrainError: A head is missing, or was made from something else; the message names what
            differs.
    """
    settings = project.settings.train
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    plan = plan_training(settings, cohort, len(folds))
    run = project.path(settings.run)
    if not (run / "run.json").is_file():
        raise TrainError(
            f"{run}: no finished training; run `mmfeat train {project.file.name}` first"
        )
    table = open_features(project, cohort)
    progress.start("predict", len(folds) * len(plan.targets) * len(plan.methods))
    frames: list[pd.DataFrame] = []
    with few_threads(len(cohort)):
        for number, fold in enumerate(folds):
            check_patients_apart(cohort, fold, number)
            features = FittedFeatures.load(run / "folds" / str(number) / "features")
            for target in plan.targets:
                data = fold_data(cohort, table, fold, features, target)
                scene = _Scene(
                    run, cohort, table, plan, fit_options(settings), fold, number, target, data
                )
                for method in plan.methods:
                    frames += _predict(scene, method)
                    progress.advance(note=f"{target} {method} fold {number}")
    return pd.concat(frames, ignore_index=True)


@dataclass(frozen=True)
class _Scene:
    """Hold one fold and target."""

    run: Path
    cohort: Cohort
    table: FeatureTable
    plan: TrainingPlan
    options: FitOptions
    fold: Fold
    number: int
    target: str
    data: FoldData


def _predict(scene: _Scene, method: str) -> Iterator[pd.DataFrame]:
    heads = _open_heads(scene, method)
    for regime, rows, visible in _regimes(scene):
        if not len(rows):
            continue
        features = {name: values[rows] for name, values in scene.data.features.items()}
        probabilities = np.mean([head.predict(features, visible) for head in heads], axis=0)
        yield _frame(scene, method, regime, rows, visible, probabilities)


def _regimes(scene: _Scene) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.bool_]]]:
    """Give each regime's rows of the test part, and what is visible of them."""
    present = scene.table.present
    test = np.intersect1d(scene.fold.test, np.flatnonzero(scene.table.usable))
    yield "natural", test, present[test]
    for view in every_view(present.shape[1]):
        complete = test[present[test][:, view].all(axis=1)]
        yield "simulated", complete, np.tile(view, (len(complete), 1))


def _open_heads(scene: _Scene, method: str) -> list[Head]:
    """Load the heads of all seeds, each checked against what it should have been made from."""
    heads = []
    for key in scene.plan.heads_of(scene.number, scene.target):
        if key.method != method:
            continue
        identity = identity_of(
            key,
            scene.plan.methods[method],
            scene.data,
            scene.cohort.targets[scene.target].names,
            options=scene.options,
            split_digest=digest_of_split(scene.cohort, scene.fold),
            features_digest=digest_of_features(scene.data),
        )
        folder = key.folder(scene.run)
        if not is_finished(folder, identity, of_any_version=True):
            raise TrainError(f"{folder}: this head is not trained yet; run `mmfeat train` first")
        heads.append(load_head(folder))
    return heads


def _frame(
    scene: _Scene,
    method: str,
    regime: str,
    rows: NDArray[np.int64],
    visible: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
) -> pd.DataFrame:
    target = scene.cohort.targets[scene.target]
    outputs = target.names
    n_outputs = len(outputs)
    modalities = scene.table.modalities
    availability = [
        "+".join(m for m, seen in zip(modalities, row, strict=True) if seen) for row in visible
    ]
    values = (
        np.repeat([scene.cohort.case_ids[row] for row in rows], n_outputs),
        np.repeat([scene.cohort.patient_ids[row] for row in rows], n_outputs),
        scene.target,
        method,
        scene.number,
        regime,
        np.repeat(availability, n_outputs),
        np.tile(outputs, len(rows)),
        probabilities.ravel(),
        _labels_of_outputs(target)[rows].ravel(),
    )
    return pd.DataFrame(dict(zip(PREDICTION_COLUMNS, values, strict=True)))


def _labels_of_outputs(target: TargetValues) -> NDArray[np.float64]:
    """Return the labels ``(cases, outputs)``: for classes one 1 in each row, NaN where unknown."""
    if target.kind != "multiclass":
        return target.values
    classes = np.arange(len(target.names))
    return np.where(np.isnan(target.values), np.nan, target.values == classes)
