"""Train every head that the settings ask for, each kept as soon as it is finished."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.errors import Interrupted, TrainError
from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import FitOptions, FoldData
from mmfeat.manifest.cohort import Cohort, Fold
from mmfeat.manifest.splits import parts_of
from mmfeat.progress import Progress
from mmfeat.provenance import library_versions, write_json, written_atomically
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.extraction.accounts import last_extractions
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.leak_watch import leak_notes
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.device import few_threads, training_device
from mmfeat.stages.training.fold import (
    check_patients_apart,
    digest_of_features,
    digest_of_split,
    fold_data,
)
from mmfeat.stages.training.heads import identity_of, is_finished, write_head_folder
from mmfeat.stages.training.plan import HeadKey, TrainingPlan, fit_options, plan_training


@dataclass(frozen=True)
class TrainReport:
    """Say what was trained."""

    run: Path
    n_trained: int
    n_finished_before: int
    targets: tuple[str, ...]
    methods: tuple[str, ...]
    n_folds: int
    elapsed_s: float
    seconds_per_head: dict[str, float]
    """Mean seconds of each method's heads that were trained now."""
    notes: tuple[str, ...]
    """What was left out, and why."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {**vars(self), "run": str(self.run)}


def train(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    overwrite: bool = False,
) -> TrainReport:
    """Train all heads of a project; those that are finished already are skipped.

    Args:
        project: The project, its scans extracted.
        progress: Told about every head.
        should_stop: Asked between heads and between epochs.
        overwrite: Train again heads that were made from something else, instead of refusing.

    Raises:
        TrainError: Something cannot be trained on, or a head on disk was made from something else.
        Interrupted: ``should_stop`` said so; finished heads are kept.
    """
    started = time.perf_counter()
    settings = project.settings.train
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    plan = plan_training(settings, cohort, len(folds))
    table = open_features(project, cohort)
    session = _Session(
        run=project.path(settings.run),
        cohort=cohort,
        table=table,
        plan=plan,
        options=fit_options(settings),
        device=training_device(settings.device),
        progress=progress,
        should_stop=should_stop,
        overwrite=overwrite,
    )
    progress.start("train", plan.n_heads)
    with few_threads(len(cohort)):
        for number, fold in enumerate(folds):
            _train_fold(project, session, fold, number)
    _write_splits(session.run, cohort, folds)
    report = TrainReport(
        run=session.run,
        n_trained=sum(map(len, session.seconds.values())),
        n_finished_before=session.n_finished_before,
        targets=plan.targets,
        methods=tuple(plan.methods),
        n_folds=len(folds),
        elapsed_s=time.perf_counter() - started,
        seconds_per_head={name: float(np.mean(times)) for name, times in session.seconds.items()},
        notes=(
            plan.notes
            + table.notes
            + _notes_on_cases(cohort, table, plan)
            + training_notes(project, cohort)
            + leak_notes(cohort, folds, table.records)
        ),
    )
    _write_run(project, session, report)
    return report


@dataclass(frozen=True)
class _Session:
    """Hold what is the same for all heads, and count them."""

    run: Path
    cohort: Cohort
    table: FeatureTable
    plan: TrainingPlan
    options: FitOptions
    device: str
    progress: Progress
    should_stop: Callable[[], bool]
    overwrite: bool
    seconds: dict[str, list[float]] = field(default_factory=dict)
    finished_before: list[HeadKey] = field(default_factory=list)

    @property
    def n_finished_before(self) -> int:
        return len(self.finished_before)


def _train_fold(project: Project, session: _Session, fold: Fold, number: int) -> None:
    cohort, table, plan = session.cohort, session.table, session.plan
    check_patients_apart(cohort, fold, number)
    features = fit_features(
        project, table, np.intersect1d(fold.train, np.flatnonzero(table.usable))
    )
    features.save(session.run / "folds" / str(number) / "features")
    split_digest = digest_of_split(cohort, fold)
    for target in plan.targets:
        data = fold_data(cohort, table, fold, features, target)
        features_digest = digest_of_features(data)
        for key in plan.heads_of(number, target):
            identity = identity_of(
                key,
                plan.methods[key.method],
                data,
                cohort.targets[target].names,
                options=session.options,
                split_digest=split_digest,
                features_digest=features_digest,
            )
            _train_head(session, key, data, identity)


def _train_head(session: _Session, key: HeadKey, data: FoldData, identity: dict[str, Any]) -> None:
    folder = key.folder(session.run)
    label = f"{key.target} {key.method} fold {key.fold}"
    if _is_finished(folder, identity, overwrite=session.overwrite):
        session.finished_before.append(key)
        session.progress.advance(note=f"{label}: there already")
        return
    started = time.perf_counter()
    try:
        if session.should_stop():
            raise Interrupted("before the next head")
        head = session.plan.methods[key.method].fit(
            data,
            seed=key.seed,
            options=session.options,
            device=session.device,
            should_stop=session.should_stop,
        )
    except Interrupted as stop:
        n_finished = session.n_finished_before + sum(map(len, session.seconds.values()))
        raise Interrupted(
            f"{n_finished} of {session.plan.n_heads} heads are finished and kept; "
            "run the same command to go on"
        ) from stop
    except TrainError as error:
        raise TrainError(f"target `{key.target}`, fold {key.fold}: {error}") from error
    elapsed_s = time.perf_counter() - started
    made = {"device": session.device, "seconds": elapsed_s}
    write_head_folder(head, folder, identity=identity, made=made)
    session.seconds.setdefault(key.method, []).append(elapsed_s)
    session.progress.advance(note=label)


def _is_finished(folder: Path, identity: dict[str, Any], *, overwrite: bool) -> bool:
    try:
        return is_finished(folder, identity)
    except TrainError:
        if overwrite:
            return False
        raise


def _notes_on_cases(cohort: Cohort, table: FeatureTable, plan: TrainingPlan) -> tuple[str, ...]:
    notes = []
    n_unusable = int((~table.usable).sum())
    if n_unusable:
        notes.append(f"{n_unusable} cases have no features at all and are left out")
    for target in plan.targets:
        n_unlabelled = int((~cohort.targets[target].known & table.usable).sum())
        if n_unlabelled:
            notes.append(f"`{target}`: {n_unlabelled} cases without a label are not trained on")
    return tuple(notes)


def _write_splits(run: Path, cohort: Cohort, folds: list[Fold]) -> None:
    columns = {"case_id": cohort.case_ids, "patient_id": cohort.patient_ids}
    parts = {f"fold_{number}": parts_of(fold) for number, fold in enumerate(folds)}
    with written_atomically(run / "splits.csv") as partial:
        pd.DataFrame({**columns, **parts}).to_csv(partial, index=False)


def _write_run(project: Project, session: _Session, report: TrainReport) -> None:
    cohort, plan = session.cohort, session.plan
    write_json(
        session.run / "run.json",
        {
            "settings": project.settings.model_dump(mode="json"),
            "versions": library_versions(),
            "features": session.table.fingerprints,
            "extraction": last_extractions(project),
            "targets": {
                name: {
                    "kind": cohort.targets[name].kind,
                    "outputs": list(cohort.targets[name].names),
                }
                for name in plan.targets
            },
            "methods": {name: list(plan.seeds_of(name)) for name in plan.methods},
            "folds": plan.n_folds,
            "heads": plan.n_heads,
            "device": session.device,
            "seconds": report.elapsed_s,
            "seconds_per_head": report.seconds_per_head,
            "notes": list(report.notes),
        },
    )
