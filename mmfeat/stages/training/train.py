"""Train every head that the settings ask for, each kept as soon as it is finished."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from mmfeat.config.loading import Project
from mmfeat.progress import Progress, keep_quiet
from mmfeat.stages.leak_watch import leak_notes
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.agenda import Agenda
from mmfeat.stages.training.choosing import NESTED_NOTE, choices
from mmfeat.stages.training.crew import Crew
from mmfeat.stages.training.device import few_threads, most_processes, training_device
from mmfeat.stages.training.head_order import UNFINISHED
from mmfeat.stages.training.in_stacks import train_in_stacks
from mmfeat.stages.training.ledger import HeadsWatch, Ledger, NobodyWatches
from mmfeat.stages.training.network_notes import notes_on_networks
from mmfeat.stages.training.open_run import OpenRun, open_run
from mmfeat.stages.training.orders import training_scenes
from mmfeat.stages.training.run_files import (
    notes_on_cases,
    notes_on_imbalance,
    write_run,
    write_splits,
)
from mmfeat.stages.training.session import TrainingSession, TrainReport, told_what_is_kept
from mmfeat.stages.training.shared_data import ArrayFolder
from mmfeat.stages.training.whole_folder import passing_folder, remove_abandoned_folders


def train(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    overwrite: bool = False,
    tell: Callable[[str], None] = keep_quiet,
    watch: HeadsWatch | None = None,
) -> TrainReport:
    """Train all heads of a project; those that are finished already are skipped.

    Args:
        project: The project, its scans extracted.
        progress: Told about every head and record encoder.
        should_stop: Asked between heads and between epochs.
        overwrite: Train again heads that were made from something else, instead of refusing.
        tell: Told each note of the report before the first head is trained.
        watch: Told of each head's epochs and of its end.

    Raises:
        TrainError: Something cannot be trained on, a head on disk was made from something else, or
            a process that trains heads was killed.
        Interrupted: ``should_stop`` said so; finished heads are kept, and the state of the others.
    """
    started = time.perf_counter()
    opened = open_run(project)
    plan = opened.plan
    notes = _notes(opened)
    for note in notes:
        tell(note)
    watch = watch or NobodyWatches()
    session = TrainingSession(
        opened=opened,
        device=training_device(project.settings.train.device),
        progress=progress,
        should_stop=should_stop,
        overwrite=overwrite,
        ledger=Ledger(progress, watch, plan.n_heads),
    )
    remove_abandoned_folders(opened.run)
    watch.plan(list(plan.all_heads()))
    progress.start("train", plan.n_heads + plan.n_encoders)
    with few_threads(len(opened.cohort), plan.n_heads), told_what_is_kept(session):
        n_processes = _train_heads(session)
    shutil.rmtree(opened.run / UNFINISHED, ignore_errors=True)
    write_splits(opened.run, opened.cohort, opened.folds)
    report = _report(session, notes, n_processes, time.perf_counter() - started)
    write_run(session, report)
    return report


def _notes(opened: OpenRun) -> tuple[str, ...]:
    """Say what is left out, and what to beware of."""
    return (
        opened.plan.notes
        + opened.table.notes
        + notes_on_cases(opened.cohort, opened.table, opened.plan)
        + notes_on_imbalance(opened.cohort, opened.plan, opened.folds, opened.options.base_rates)
        + training_notes(opened.project, opened.cohort)
        + leak_notes(opened.cohort, opened.folds, opened.table.records)
    )


def _train_heads(session: TrainingSession) -> int:
    """Train everything; return how many processes took part."""
    if session.device.startswith("cuda"):
        _train_on_gpu(session)
        return 1
    opened = session.opened
    settings = opened.project.settings.train
    agenda = Agenda()
    crew = Crew(
        agenda,
        session.ledger,
        most=most_processes(
            session.device,
            n_cases=len(opened.cohort),
            n_heads=opened.plan.n_heads,
            workers=settings.workers,
        ),
        at_once=settings.workers is not None,
        should_stop=session.should_stop,
    )
    with passing_folder(opened.run, "arrays") as arrays:

        def more() -> Iterator[None]:
            for number, (scene, orders) in enumerate(training_scenes(session, opened)):
                agenda.open(scene.data, orders, ArrayFolder(arrays / str(number)))
                yield

        crew.run(more())
    return crew.n_processes


def _train_on_gpu(session: TrainingSession) -> None:
    """Train target by target: all heads of one share its labels and the cohort on the device."""
    opened = session.opened
    for target in opened.plan.targets:
        of_target = replace(opened, plan=replace(opened.plan, targets=(target,)))
        orders = [
            (order, scene.data)
            for scene, orders in training_scenes(session, of_target)
            for order in orders
        ]
        train_in_stacks(
            orders,
            session.ledger,
            device=session.device,
            precision=opened.project.settings.train.precision,
            should_stop=session.should_stop,
        )


def _report(
    session: TrainingSession, notes: tuple[str, ...], n_processes: int, elapsed_s: float
) -> TrainReport:
    ledger, plan = session.ledger, session.opened.plan
    made = choices(plan, ledger.before + ledger.trained)
    return TrainReport(
        run=session.opened.run,
        n_trained=len(ledger.trained),
        n_finished_before=len(ledger.before),
        targets=plan.targets,
        methods=plan.labels,
        n_folds=plan.n_folds,
        n_processes=n_processes,
        elapsed_s=elapsed_s,
        seconds_per_head=_means((one.key.label, one.seconds) for one in ledger.trained),
        seconds_per_encoder={
            name: float(np.mean(times)) for name, times in session.encoder_seconds.items()
        },
        failures=tuple(ledger.failed),
        choices=made,
        notes=(*notes, NESTED_NOTE) if made else notes,
        found=notes_on_networks(
            [one.key for one in ledger.before + ledger.trained], session.opened.run
        ),
    )


def _means(seconds: Iterable[tuple[str, float]]) -> dict[str, float]:
    by_label: dict[str, list[float]] = {}
    for label, value in seconds:
        by_label.setdefault(label, []).append(value)
    return {label: float(np.mean(values)) for label, values in by_label.items()}
