"""Prepare the scenes of a training, and say which of their heads are to be trained."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.config.record_variants import RecordVariant
from mmfeat.errors import Interrupted, TrainError
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion.contract import check_learnable
from mmfeat.fusion.head_files import read_description
from mmfeat.manifest.cohort import Fold
from mmfeat.stages.features import fit_features
from mmfeat.stages.training.encoder_place import EncoderPlace
from mmfeat.stages.training.head_order import HeadOrder
from mmfeat.stages.training.heads import is_finished
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.outcomes import write_outcomes
from mmfeat.stages.training.scenes import Scene, scenes
from mmfeat.stages.training.session import TrainingSession, told_where
from mmfeat.stages.training.target_features import TargetFeatures, fitted_target_features


def training_scenes(
    session: TrainingSession, opened: OpenRun
) -> Iterator[tuple[Scene, list[HeadOrder]]]:
    """Give each scene that has heads of this call, with those that are to be trained.

    Raises:
        TrainError: There is nothing to learn from in a scene, or a head or record encoder on disk
            was made from something else.
        Interrupted: Asked to stop.
    """
    fold_features = _fold_features(session)
    wanted = frozenset((key.fold, key.target, key.variant) for key in session.heads)
    for scene in scenes(opened, fold_features, partial(_fit_encoders, session), only=wanted):
        if session.should_stop():
            raise Interrupted("before the next fold")
        with told_where(scene.target, scene.number):
            learnt = np.union1d(scene.data.train, scene.data.val)
            check_learnable(scene.data, scene.data.usable(learnt))
        folder = opened.run / "folds" / str(scene.number) / "outcomes"
        write_outcomes(folder, scene.outcomes)
        yield scene, list(_orders(session, scene))


def _fold_features(session: TrainingSession) -> Callable[[int, Fold], FittedFeatures]:
    """Return a function that fits and saves the features of a fold, once for each."""
    opened = session.opened
    usable = np.flatnonzero(opened.table.usable)
    fitted: dict[int, FittedFeatures] = {}

    def of_fold(number: int, fold: Fold) -> FittedFeatures:
        if number not in fitted:
            rows = np.intersect1d(fold.train, usable)
            fitted[number] = fit_features(opened.project, opened.table, rows)
            fitted[number].save(opened.run / "folds" / str(number) / "features")
        return fitted[number]

    return of_fold


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

    with told_where(place.target, place.number):
        return fitted_target_features(
            place,
            variant,
            device=session.device,
            overwrite=session.overwrite,
            should_stop=session.should_stop,
            told=told,
        )


def _orders(session: TrainingSession, scene: Scene) -> Iterator[HeadOrder]:
    opened = session.opened
    for key in scene.heads():
        if key not in session.heads:
            continue
        identity = scene.identity(key)
        folder = key.folder(opened.run)
        if _is_finished(folder, identity, overwrite=session.overwrite):
            session.ledger.there_already(key, _validation(folder))
            continue
        order = HeadOrder(
            key,
            identity,
            key.setting.options(opened.options),
            run=opened.run,
            device=session.device,
            uses_linear=opened.plan.methods[key.method].uses_linear,
        )
        session.orders[key.name] = order
        yield order


def _is_finished(folder: Path, identity: dict[str, Any], *, overwrite: bool) -> bool:
    try:
        return is_finished(folder, identity)
    except TrainError:
        if overwrite:
            return False
        raise


def _validation(folder: Path) -> float | None:
    found = read_description(folder).get("validation")
    return None if found is None else float(found)
