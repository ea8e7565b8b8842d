"""End a training of shards: check that all heads are there, and say that it is finished."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.errors import TrainError
from mmfeat.fusion.head_files import read_description
from mmfeat.progress import Progress, keep_quiet
from mmfeat.stages.training.device import few_threads, training_device
from mmfeat.stages.training.failed_heads import FailedHeads
from mmfeat.stages.training.head_order import UNFINISHED, HeadOrder, HeadResult
from mmfeat.stages.training.ledger import Ledger, NobodyWatches
from mmfeat.stages.training.open_run import OpenRun, open_run
from mmfeat.stages.training.orders import training_scenes
from mmfeat.stages.training.plan import HeadKey
from mmfeat.stages.training.reporting import mean_by_name, notes_of, report_of
from mmfeat.stages.training.run_files import write_run, write_splits
from mmfeat.stages.training.session import TrainingSession, TrainReport, told_what_is_kept

FINISH = "finish"
"""Stands in a report where it is not of one shard."""


def finish_training(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    tell: Callable[[str], None] = keep_quiet,
) -> TrainReport:
    """Check that every head of the plan is there, choose settings, and write ``run.json``.

    No head is trained. Heads that a shard could not train are listed as failures.

    Args:
        project: The project, all shards of its heads trained.
        progress: Told about every head.
        should_stop: Asked between folds.
        tell: Told each note of the report.

    Raises:
        TrainError: Heads are missing that no shard has reported on, or were made from something
            else.
        Interrupted: ``should_stop`` said so.
    """
    opened = open_run(project)
    failed = FailedHeads(opened.run)
    keys = tuple(opened.plan.all_heads())
    _require_heads(opened.run, keys, failed)
    notes = notes_of(opened)
    for note in notes:
        tell(note)
    session = TrainingSession(
        opened=opened,
        device=training_device("cpu"),
        progress=progress,
        should_stop=should_stop,
        overwrite=False,
        ledger=Ledger(progress, NobodyWatches(), len(keys)),
        heads=frozenset(keys),
    )
    progress.start("train: finish", len(keys) + session.n_encoders)
    with few_threads(len(opened.cohort), opened.plan.n_heads), told_what_is_kept(session):
        for _, orders in training_scenes(session, opened):
            for order in orders:
                session.ledger.end(_failure(order, failed))
    return _end(session, notes)


def _require_heads(run: Path, keys: tuple[HeadKey, ...], failed: FailedHeads) -> None:
    """Refuse a run whose shards are not all done, before anything is fitted or digested."""
    missing = [
        key.name
        for key in keys
        if not (key.folder(run) / "head.json").is_file() and not failed.names(key)
    ]
    if missing:
        raise _not_trained(run, missing, len(keys))


def _failure(order: HeadOrder, failed: FailedHeads) -> HeadResult:
    reason = failed.reason(order)
    if reason is None:
        raise _not_trained(order.run, [order.key.name])
    return HeadResult(order.key, 0.0, failure=reason)


def _not_trained(run: Path, names: list[str], n_heads: int | None = None) -> TrainError:
    of_all = "" if n_heads is None else f" of {n_heads}"
    return TrainError(
        f"{run}: {len(names)}{of_all} heads are not trained yet, the first is `{names[0]}`; run "
        "the shards that are left, or `mmfeat train` without --finish, which trains them here"
    )


def _end(session: TrainingSession, notes: tuple[str, ...]) -> TrainReport:
    """Write the run's files; times and devices are those that the heads themselves tell."""
    opened = session.opened
    of_shards = (f"trained in shards; seconds are the sum over {session.ledger.n_finished} heads",)
    made = {one.key: _made(one.key, opened) for one in session.ledger.before}
    devices = dict.fromkeys(device for device, _ in made.values())
    report = replace(
        report_of(
            session, (*notes, *of_shards), elapsed_s=sum(seconds for _, seconds in made.values())
        ),
        seconds_per_head=mean_by_name((key.label, seconds) for key, (_, seconds) in made.items()),
        shard=FINISH,
    )
    shutil.rmtree(opened.run / UNFINISHED, ignore_errors=True)
    write_splits(opened.run, opened.cohort, opened.folds)
    write_run(replace(session, device=", ".join(devices) or session.device), report)
    return report


def _made(key: HeadKey, opened: OpenRun) -> tuple[str, float]:
    """Return the device on which a head was trained, and the seconds that it took."""
    made = read_description(key.folder(opened.run)).get("made", {})
    return str(made.get("device", "cpu")), float(made.get("seconds", 0.0))
