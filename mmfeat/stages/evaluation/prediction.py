"""Predict the test parts of a run, for every set of modalities, with heads that belong to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.errors import TrainError
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion import load_head
from mmfeat.fusion.contract import Head
from mmfeat.manifest.cohort import Fold
from mmfeat.progress import Progress
from mmfeat.stages.evaluation.hidden_parts import hidden_parts
from mmfeat.stages.evaluation.hiding import importance_frame, importance_of_columns
from mmfeat.stages.evaluation.missing_cells import predict_hidden
from mmfeat.stages.evaluation.regimes import regimes
from mmfeat.stages.evaluation.validation_prediction import predict_validation
from mmfeat.stages.evaluation.view_rows import view_rows
from mmfeat.stages.predicting.cox_baselines import save_baselines
from mmfeat.stages.training.answers import answers_of_heads
from mmfeat.stages.training.device import few_threads
from mmfeat.stages.training.heads import is_made_from
from mmfeat.stages.training.open_run import OpenRun, open_run
from mmfeat.stages.training.scenes import Scene, scenes
from mmfeat.stages.training.target_features import saved_target_features
from mmfeat.stages.training.trained_run import TrainedRun, as_trained
from mmfeat.tabular.stored_vectors import rows_of


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
    validation: pd.DataFrame = field(default_factory=pd.DataFrame)
    """The same columns as `views`, of the validation part of each fold, by heads that did not learn
    from the case: a case is in it once for each fold whose validation part it is in."""
    importance: pd.DataFrame = field(default_factory=pd.DataFrame)
    """How much each column of the records tells of each target in the training part of each fold;
    empty where no whole columns are hidden."""
    notes: tuple[str, ...] = ()
    """How settings were chosen, and what is left out because heads failed in training."""


def predict_run(project: Project, progress: Progress) -> Predictions:
    """Predict every test part with the heads of that fold, averaged over the seeds.

    Which heads there are is read from the run. Every head is checked against the present settings,
    splits, labels and features first.

    Raises:
        TrainError: There is no finished training, a head is missing, or one was made from
            something else; the message names what differs.
    """
    project, trained = as_trained(project)
    return predict_opened(open_run(project), trained, progress)


def predict_opened(opened: OpenRun, trained: TrainedRun, progress: Progress) -> Predictions:
    """Predict every test part of a run that is open already; see `predict_run`."""
    plan, table = opened.plan, opened.table
    left_out = trained.incomplete(plan)
    progress.start("predict", len(opened.folds) * len(plan.targets) * len(plan.labels))
    evaluation = opened.project.settings.eval
    frames: list[pd.DataFrame] = []
    gappy: list[pd.DataFrame] = []
    validation: list[pd.DataFrame] = []
    told: list[pd.DataFrame] = []
    with few_threads(len(opened.cohort)):
        for scene in scenes(opened, partial(_saved_features, opened.run), saved_target_features):
            importance = importance_of_columns(scene) if evaluation.missing_columns else None
            told.append(importance_frame(scene, importance or {}))
            hidden = hidden_parts(
                table,
                scene.test,
                scene.features.transform,
                shares=evaluation.missing_cells,
                seed=evaluation.seed,
                sets=scene.data.sets,
                importance=importance,
            )
            for method in plan.methods_of(scene.target):
                label = scene.variant.method_label(method)
                if (scene.target, label) not in left_out:
                    heads = _open_heads(scene, trained, method)
                    shown = plan.shown(scene.target, label)
                    frames += _predict(scene, label, heads)
                    validation += predict_validation(scene, label, heads)
                    for part in hidden:
                        gappy += predict_hidden(
                            opened.cohort,
                            table,
                            part,
                            heads=heads,
                            data=scene.data,
                            outcomes=scene.outcomes,
                            of_all={"method": shown, "fold": scene.number},
                        )
                progress.advance(note=f"{scene.target} {label} fold {scene.number}")
    if not frames:
        raise TrainError(f"{opened.run}: every method lacks heads; {trained.notes(plan)[-1]}")
    return Predictions(
        pd.concat(frames, ignore_index=True),
        pd.concat(gappy, ignore_index=True) if gappy else pd.DataFrame(),
        validation=pd.concat(validation, ignore_index=True) if validation else pd.DataFrame(),
        importance=pd.concat(told, ignore_index=True),
        notes=trained.notes(plan),
    )


def _saved_features(run: Path, number: int, _fold: Fold) -> FittedFeatures:
    return FittedFeatures.load(run / "folds" / str(number) / "features")


def _predict(scene: Scene, method: str, heads: Sequence[Head]) -> Iterator[pd.DataFrame]:
    for regime, rows, visible in regimes(scene.opened.table.present, scene.test):
        if not len(rows):
            continue
        features = {name: rows_of(values, rows) for name, values in scene.data.features.items()}
        sets = {name: scans.of_cases(rows) for name, scans in scene.data.sets.items()}
        found = answers_of_heads(
            heads, scene.data, scene.outcomes, features=features, visible=visible, sets=sets
        )
        shown = {"method": scene.opened.plan.shown(scene.target, method), "regime": regime}
        for target, answers in found.items():
            yield view_rows(scene, target, rows, visible, answers, of_all=shown)


def _open_heads(scene: Scene, trained: TrainedRun, method: str) -> list[Head]:
    """Load the heads of all seeds, each checked against what it should have been made from.

    Cox models leave their baseline hazards beside them, for new cases.
    """
    heads = []
    for key in scene.heads():
        if key.method != method or not trained.predicting(key):
            continue
        folder = key.folder(scene.opened.run)
        if not is_made_from(folder, scene.identity(key), of_any_version=True):
            raise TrainError(f"{folder}: this head is not trained yet; run `mmfeat train` first")
        heads.append(load_head(folder))
        save_baselines(scene, heads[-1], folder)
    return heads
