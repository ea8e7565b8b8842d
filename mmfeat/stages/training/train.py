"""Train every head that the settings ask for, each kept as soon as it is finished."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import RecordVariant, record_variants
from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion.contract import FoldData
from mmfeat.manifest.cohort import Fold
from mmfeat.progress import Progress, keep_quiet
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.features import fit_features, open_features
from mmfeat.stages.leak_watch import leak_notes
from mmfeat.stages.record_encoders import check_record_encoders
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.device import few_threads, training_device
from mmfeat.stages.training.encoder_place import EncoderPlace
from mmfeat.stages.training.fold import (
    check_patients_apart,
    digest_of_features,
    digest_of_split,
    fold_data,
)
from mmfeat.stages.training.heads import identity_of, is_finished, write_head_folder
from mmfeat.stages.training.plan import HeadKey, fit_options, plan_training
from mmfeat.stages.training.run_files import notes_on_cases, write_run, write_splits
from mmfeat.stages.training.session import TrainingSession, TrainReport, told_where
from mmfeat.stages.training.target_features import TargetFeatures, fitted_target_features


def train(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    overwrite: bool = False,
    tell: Callable[[str], None] = keep_quiet,
) -> TrainReport:
    """Train all heads of a project; those that are finished already are skipped.

    Args:
        project: The project, its scans extracted.
        progress: Told about every head.
        should_stop: Asked between heads and between epochs.
        overwrite: Train again heads that were made from something else, instead of refusing.
        tell: Told each note of the report before the first head is trained.

    Raises:
        TrainError: Something cannot be trained on, or a head on disk was made from something else.
        Interrupted: ``should_stop`` said so; finished heads are kept.
    """
    started = time.perf_counter()
    settings = project.settings.train
    check_record_encoders(project)
    cohort = open_cohort(project)
    folds = open_folds(project, cohort)
    variants = record_variants(project.settings.modalities)
    plan = plan_training(settings, cohort, len(folds), variants)
    table = open_features(project, cohort)
    session = TrainingSession(
        project=project,
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
    notes = (
        plan.notes
        + table.notes
        + notes_on_cases(cohort, table, plan)
        + training_notes(project, cohort)
        + leak_notes(cohort, folds, table.records)
    )
    for note in notes:
        tell(note)
    progress.start("train", plan.n_heads + plan.n_encoders)
    with few_threads(len(cohort)):
        for number, fold in enumerate(folds):
            _train_fold(session, fold, number)
    write_splits(session.run, cohort, folds)
    report = TrainReport(
        run=session.run,
        n_trained=sum(map(len, session.seconds.values())),
        n_finished_before=session.n_finished_before,
        targets=plan.targets,
        methods=plan.labels,
        n_folds=len(folds),
        elapsed_s=time.perf_counter() - started,
        seconds_per_head=_means(session.seconds),
        seconds_per_encoder=_means(session.encoder_seconds),
        notes=notes,
    )
    write_run(session, report)
    return report


def _train_fold(session: TrainingSession, fold: Fold, number: int) -> None:
    cohort, table, plan = session.cohort, session.table, session.plan
    check_patients_apart(cohort, fold, number)
    features = fit_features(
        session.project, table, np.intersect1d(fold.train, np.flatnonzero(table.usable))
    )
    features.save(session.run / "folds" / str(number) / "features")
    split_digest = digest_of_split(cohort, fold)
    for target in plan.targets:
        basic = fold_data(
            cohort,
            table,
            fold=fold,
            features=features,
            target=target,
            cell_dropout=session.project.settings.train.cell_dropout,
        )
        place = EncoderPlace(
            session.project, session.run, cohort, table, fold, number, target, features
        )
        for variant in plan.variants:
            with told_where(session, target, number):
                of_target = _fit_encoders(session, place, variant)
            data = of_target.applied(basic, table)
            features_digest = digest_of_features(data)
            for key in plan.heads_of(number, target, variant):
                identity = identity_of(
                    key,
                    plan.methods[key.method],
                    data,
                    cohort.targets[target].names,
                    options=session.options,
                    split_digest=split_digest,
                    features_digest=features_digest,
                    record_encoders=of_target.digests,
                )
                _train_head(session, key, data, identity)


def _fit_encoders(
    session: TrainingSession, place: EncoderPlace, variant: RecordVariant
) -> TargetFeatures:
    def told(encoder: str, seconds: float | None) -> None:
        label = f"{place.target} {encoder} fold {place.number}"
        if seconds is None:
            label += ": there already"
        else:
            session.encoder_seconds.setdefault(encoder, []).append(seconds)
        session.progress.advance(note=label)

    return fitted_target_features(
        place,
        variant,
        device=session.device,
        overwrite=session.overwrite,
        should_stop=session.should_stop,
        told=told,
    )


def _train_head(
    session: TrainingSession, key: HeadKey, data: FoldData, identity: dict[str, Any]
) -> None:
    folder = key.folder(session.run)
    label = f"{key.target} {key.label} fold {key.fold}"
    if _is_finished(folder, identity, overwrite=session.overwrite):
        session.finished_before.append(key)
        session.progress.advance(note=f"{label}: there already")
        return
    started = time.perf_counter()
    with told_where(session, key.target, key.fold):
        if session.should_stop():
            raise Interrupted("before the next head")
        head = session.plan.methods[key.method].fit(
            data,
            seed=key.seed,
            options=session.options,
            device=session.device,
            should_stop=session.should_stop,
        )
    elapsed_s = time.perf_counter() - started
    made = {"device": session.device, "seconds": elapsed_s}
    write_head_folder(head, folder, identity=identity, made=made)
    session.seconds.setdefault(key.label, []).append(elapsed_s)
    session.progress.advance(note=label)


def _means(seconds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: float(np.mean(times)) for name, times in seconds.items()}


def _is_finished(folder: Path, identity: dict[str, Any], *, overwrite: bool) -> bool:
    try:
        return is_finished(folder, identity)
    except TrainError:
        if overwrite:
            return False
        raise
