"""Train every head that the settings ask for, each kept as soon as it is finished."""

import shutil
import time
from collections.abc import Callable, Iterator

from mmfeat.config.loading import Project
from mmfeat.progress import Progress, keep_quiet
from mmfeat.stages.training.agenda import Agenda
from mmfeat.stages.training.crew import Crew
from mmfeat.stages.training.device import few_threads, most_processes, training_device
from mmfeat.stages.training.failed_heads import FAILED, write_failed_heads
from mmfeat.stages.training.head_order import UNFINISHED
from mmfeat.stages.training.in_stacks import train_all_in_stacks
from mmfeat.stages.training.ledger import HeadsWatch, Ledger, NobodyWatches
from mmfeat.stages.training.open_run import open_run
from mmfeat.stages.training.orders import training_scenes
from mmfeat.stages.training.reporting import notes_of, report_of
from mmfeat.stages.training.run_files import write_run, write_splits
from mmfeat.stages.training.session import TrainingSession, TrainReport, told_what_is_kept
from mmfeat.stages.training.shard_heads import heads_of_shard
from mmfeat.stages.training.shared_data import ArrayFolder
from mmfeat.stages.training.whole_folder import passing_folder, remove_abandoned_folders
from mmfeat.work_shard import WorkShard


def train(
    project: Project,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
    overwrite: bool = False,
    tell: Callable[[str], None] = keep_quiet,
    watch: HeadsWatch | None = None,
    shard: WorkShard | None = None,
) -> TrainReport:
    """Train all heads of a project, or a share of them; those that are finished are skipped.

    Args:
        project: The project, its scans extracted.
        progress: Told about every head and record encoder.
        should_stop: Asked between heads and between epochs.
        overwrite: Train again heads that were made from something else, instead of refusing.
        tell: Told each note of the report before the first head is trained.
        watch: Told of each head's epochs and of its end.
        shard: Train this share alone, while others may be trained elsewhere; the run counts as
            finished only after `finish_training`, or after a training of all heads.

    Raises:
        TrainError: Something cannot be trained on, a head on disk was made from something else, or
            a process that trains heads was killed.
        Interrupted: ``should_stop`` said so; finished heads are kept, and the state of the others.
    """
    started = time.perf_counter()
    opened = open_run(project)
    plan = opened.plan
    keys = tuple(plan.all_heads() if shard is None else heads_of_shard(plan, shard))
    notes = notes_of(opened)
    for note in notes:
        tell(note)
    watch = watch or NobodyWatches()
    session = TrainingSession(
        opened=opened,
        device=training_device(project.settings.train.device),
        progress=progress,
        should_stop=should_stop,
        overwrite=overwrite,
        ledger=Ledger(progress, watch, len(keys)),
        heads=frozenset(keys),
    )
    remove_abandoned_folders(opened.run)
    watch.plan(keys)
    progress.start("train", len(keys) + session.n_encoders)
    with few_threads(len(opened.cohort), plan.n_heads), told_what_is_kept(session):
        n_processes = _train_heads(session)
    report = report_of(
        session,
        notes,
        elapsed_s=time.perf_counter() - started,
        n_processes=n_processes,
        shard="" if shard is None else str(shard),
    )
    if shard is None:
        _end_run(session, report)
    else:
        write_failed_heads(opened.run, shard, report.failures, session.orders)
    return report


def _end_run(session: TrainingSession, report: TrainReport) -> None:
    """Leave what says that all heads are trained, and nothing that only training needed."""
    opened = session.opened
    for folder in (UNFINISHED, FAILED):
        shutil.rmtree(opened.run / folder, ignore_errors=True)
    write_splits(opened.run, opened.cohort, opened.folds)
    write_run(session, report)


def _train_heads(session: TrainingSession) -> int:
    """Train everything; return how many processes took part."""
    if session.device.startswith("cuda"):
        train_all_in_stacks(session)
        return 1
    opened = session.opened
    settings = opened.project.settings.train
    most = most_processes(
        session.device,
        n_cases=len(opened.cohort),
        n_heads=opened.plan.n_heads,
        workers=settings.workers,
    )
    agenda = Agenda()
    crew = Crew(
        agenda,
        session.ledger,
        most=max(1, min(most, len(session.heads))),
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
