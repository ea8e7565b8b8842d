"""Put together what a training says of itself: notes beforehand, the report afterwards."""

from collections.abc import Iterable

import numpy as np

from mmfeat.stages.leak_watch import leak_notes
from mmfeat.stages.seen_in_training import training_notes
from mmfeat.stages.training.choosing import NESTED_NOTE, choices
from mmfeat.stages.training.network_notes import notes_on_networks
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.run_files import notes_on_cases, notes_on_imbalance
from mmfeat.stages.training.session import TrainingSession, TrainReport


def notes_of(opened: OpenRun) -> tuple[str, ...]:
    """Say what is left out, and what to beware of."""
    return (
        opened.plan.notes
        + opened.table.notes
        + notes_on_cases(opened.cohort, opened.table, opened.plan)
        + notes_on_imbalance(opened.cohort, opened.plan, opened.folds, opened.options.base_rates)
        + training_notes(opened.project, opened.cohort)
        + leak_notes(opened.cohort, opened.folds, opened.table.records)
    )


def report_of(
    session: TrainingSession,
    notes: tuple[str, ...],
    *,
    elapsed_s: float,
    n_processes: int = 1,
    shard: str = "",
) -> TrainReport:
    """Report on a training that has ended.

    Args:
        session: The training.
        notes: What was said beforehand.
        elapsed_s: How long it took.
        n_processes: Processes that took part.
        shard: Which share of the heads it was for; no setting of a grid is chosen from a share.
    """
    ledger, plan = session.ledger, session.opened.plan
    made = () if shard else choices(plan, ledger.before + ledger.trained)
    return TrainReport(
        run=session.opened.run,
        n_trained=len(ledger.trained),
        n_finished_before=len(ledger.before),
        targets=plan.targets,
        methods=plan.labels,
        n_folds=plan.n_folds,
        n_processes=n_processes,
        elapsed_s=elapsed_s,
        seconds_per_head=mean_by_name((one.key.label, one.seconds) for one in ledger.trained),
        seconds_per_encoder={
            name: float(np.mean(times)) for name, times in session.encoder_seconds.items()
        },
        failures=tuple(ledger.failed),
        choices=made,
        notes=(*notes, NESTED_NOTE) if made else notes,
        found=notes_on_networks(
            [one.key for one in ledger.before + ledger.trained], session.opened.run
        ),
        shard=shard,
    )


def mean_by_name(seconds: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Return the mean of the values of each name.

    Example:
        >>> mean_by_name([("paper", 2.0), ("mmfeat", 1.0), ("paper", 4.0)])
        {'paper': 3.0, 'mmfeat': 1.0}
    """
    by_name: dict[str, list[float]] = {}
    for name, value in seconds:
        by_name.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in by_name.items()}
