"""Predict the test parts of a run, for every set of modalities, with heads that belong to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import RecordVariant, record_variants
from mmfeat.errors import TrainError
from mmfeat.feature_table import FeatureTable, FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.contract import FitOptions, FoldData, Head
from mmfeat.fusion.views import every_view
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.progress import Progress
from mmfeat.report import PREDICTION_COLUMNS
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.features import open_features
from mmfeat.stages.missing_cells import hidden_parts, predict_hidden
from mmfeat.stages.prediction_rows import prediction_rows
from mmfeat.stages.training.device import few_threads
from mmfeat.stages.training.encoder_place import EncoderPlace
from mmfeat.stages.training.fold import (
    check_patients_apart,
    digest_of_features,
    digest_of_split,
    fold_data,
)
from mmfeat.stages.training.heads import identity_of, is_finished
from mmfeat.stages.training.plan import TrainingPlan, fit_options, plan_training
from mmfeat.stages.training.target_features import TargetFeatures, saved_target_features


@dataclass(frozen=True)
class Predictions:
    """Hold what heads say of the test parts."""

    views: pd.DataFrame
    """One row for each case, target, method, regime, availability and output. simulated: for every
    set of modalities, the cases that have all of it, seen through it. natural: each case with what
    it has. The label of a class is 1 for the case's own class and 0 for the others; NaN where it is
    unknown."""
    missing_cells: pd.DataFrame
    """The same of cases whose records have lost cells: with the modality of the record, the share
    of its known cells that is hidden, and what is seen beside it; empty where nothing is hidden."""


def predict_run(project: Project, progress: Progress) -> Predictions:
    """Predict every test part with the heads of that fold, averaged over the seeds.

    Every head is checked against the present settings, splits, labels and features first.

    Raises:
        TrainError: A head is missing, or was made from something else; the message names what
            differs.
    """
    settings = project.settings.train
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    plan = plan_training(settings, cohort, len(folds), record_variants(project.settings.modalities))
    run = project.path(settings.run)
    if not (run / "run.json").is_file():
        raise TrainError(
            f"{run}: no finished training; run `mmfeat train {project.file.name}` first"
        )
    table = open_features(project, cohort)
    progress.start("predict", len(folds) * len(plan.targets) * len(plan.labels))
    evaluation = project.settings.eval
    frames: list[pd.DataFrame] = []
    gappy: list[pd.DataFrame] = []
    with few_threads(len(cohort)):
        for scene in _scenes(project, cohort, folds, plan=plan, table=table):
            hidden = hidden_parts(
                table,
                scene.test,
                scene.features.transform,
                shares=evaluation.missing_cells,
                seed=evaluation.seed,
            )
            for method in plan.methods:
                heads, label = _open_heads(scene, method), scene.variant.method_label(method)
                frames += _predict(scene, label, heads)
                for part in hidden:
                    gappy += predict_hidden(
                        cohort,
                        table,
                        part,
                        heads=heads,
                        target=scene.target,
                        method=label,
                        fold=scene.number,
                    )
                progress.advance(note=f"{scene.target} {label} fold {scene.number}")
    return Predictions(
        pd.concat(frames, ignore_index=True),
        pd.concat(gappy, ignore_index=True) if gappy else pd.DataFrame(),
    )


@dataclass(frozen=True)
class _Scene:
    """Hold one fold, target and variant of the record's encoders."""

    run: Path
    cohort: Cohort
    table: FeatureTable
    plan: TrainingPlan
    options: FitOptions
    fold: Fold
    number: int
    target: str
    data: FoldData
    variant: RecordVariant
    features: TargetFeatures
    split_digest: str
    features_digest: str

    @property
    def test(self) -> NDArray[np.int64]:
        """Row numbers of the test part that heads can take."""
        return np.intersect1d(self.fold.test, np.flatnonzero(self.table.usable))


def _scenes(
    project: Project,
    cohort: Cohort,
    folds: Sequence[Fold],
    *,
    plan: TrainingPlan,
    table: FeatureTable,
) -> Iterator[_Scene]:
    """Give every fold, target and variant, with what was fitted for them."""
    settings = project.settings.train
    run = project.path(settings.run)
    for number, fold in enumerate(folds):
        check_patients_apart(cohort, fold, number)
        fitted = FittedFeatures.load(run / "folds" / str(number) / "features")
        split_digest = digest_of_split(cohort, fold)
        for target in plan.targets:
            basic = fold_data(
                cohort,
                table,
                fold=fold,
                features=fitted,
                target=target,
                cell_dropout=settings.cell_dropout,
            )
            place = EncoderPlace(project, run, cohort, table, fold, number, target, fitted)
            for variant in plan.variants:
                features = saved_target_features(place, variant)
                data = features.applied(basic, table)
                yield _Scene(
                    run=run,
                    cohort=cohort,
                    table=table,
                    plan=plan,
                    options=fit_options(settings),
                    fold=fold,
                    number=number,
                    target=target,
                    data=data,
                    variant=variant,
                    features=features,
                    split_digest=split_digest,
                    features_digest=digest_of_features(data),
                )


def _predict(scene: _Scene, method: str, heads: Sequence[Head]) -> Iterator[pd.DataFrame]:
    for regime, rows, visible in _regimes(scene):
        if not len(rows):
            continue
        features = {name: values[rows] for name, values in scene.data.features.items()}
        probabilities = np.mean([head.predict(features, visible) for head in heads], axis=0)
        yield _frame(scene, method, regime, rows, visible, probabilities)


def _regimes(scene: _Scene) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.bool_]]]:
    """Give each regime's rows of the test part, and what is visible of them."""
    present, test = scene.table.present, scene.test
    yield "natural", test, present[test]
    for view in every_view(present.shape[1]):
        complete = test[present[test][:, view].all(axis=1)]
        yield "simulated", complete, np.tile(view, (len(complete), 1))


def _open_heads(scene: _Scene, method: str) -> list[Head]:
    """Load the heads of all seeds, each checked against what it should have been made from."""
    heads = []
    for key in scene.plan.heads_of(scene.number, scene.target, scene.variant):
        if key.method != method:
            continue
        identity = identity_of(
            key,
            scene.plan.methods[method],
            scene.data,
            scene.cohort.targets[scene.target].names,
            options=scene.options,
            split_digest=scene.split_digest,
            features_digest=scene.features_digest,
            record_encoders=scene.features.digests,
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
    modalities = scene.table.modalities
    availability = [
        "+".join(m for m, seen in zip(modalities, row, strict=True) if seen) for row in visible
    ]
    frame = prediction_rows(
        scene.cohort,
        scene.target,
        rows,
        probabilities,
        of_all={"method": method, "fold": scene.number, "regime": regime},
        of_cases={"availability": availability},
    )
    return frame[list(PREDICTION_COLUMNS)]
