"""The metrics of every resample: here, or in processes of their own where that takes long."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import joblib
import numpy as np

from mmfeat.metrics.metric_set import MetricKey, MetricSet
from mmfeat.metrics.patient_resamples import PartOfResamples, PatientResamples
from mmfeat.metrics.ranked_cases import Array

Values = dict[int, dict[MetricKey, Array]]
"""Of each set, each metric of each resample: ``(resamples,)``."""

_WORTH_STARTING_S = 4.0
"""Processes take some seconds to start: so much time must have gone by in bootstraps before."""
_FEW_CELLS = 250_000
"""Fewer numbers are done here: to hand them over would take longer."""
_IDLE_S = 30
"""Processes without work end after so long: soon where their caller was killed."""
_PARTS_EACH = 2
"""Parts for each process: one that is slow is not waited for so long."""


class _Processes:
    """Say how many processes there may be, and know how long was worked without them."""

    def __init__(self, most: int) -> None:
        self.most, self.spent_s = most, 0.0

    def pay(self, n_cells: int) -> bool:
        return self.most > 1 and self.spent_s > _WORTH_STARTING_S and n_cells > _FEW_CELLS


_PROCESSES: ContextVar[_Processes | None] = ContextVar("bootstrap processes", default=None)


@contextmanager
def bootstrap_processes(most: int) -> Iterator[None]:
    """Let the bootstraps within the block work in so many processes once that pays.

    The values do not depend on it: every process works on the same chunks of resamples.
    """
    token = _PROCESSES.set(_Processes(most))
    try:
        yield
    finally:
        _PROCESSES.reset(token)


def resampled_values(sets: Mapping[int, MetricSet], resamples: PatientResamples) -> Values:
    """Return all metrics of all sets for every resample.

    Args:
        sets: Sets of metrics of the same cases.
        resamples: Resamples of their patients.

    Returns:
        By set and metric; empty without a patient.
    """
    processes = _PROCESSES.get() or _Processes(1)
    n_cells = len(sets) * resamples.n_resamples * resamples.n_cases
    if not processes.pay(n_cells):
        started = time.perf_counter()
        values = _joined([_values(sets, part) for part in resamples.parts(1)])
        processes.spent_s += time.perf_counter() - started
        return values
    work = joblib.delayed(_values)
    parts = resamples.parts(_PARTS_EACH * processes.most)
    with joblib.parallel_config(
        "loky",
        n_jobs=processes.most,
        inner_max_num_threads=1,
        idle_worker_timeout=_IDLE_S,
        initializer=_leave_signals_to_the_caller,
    ):
        run = joblib.Parallel(max_nbytes=None)  # through pipes: files would outlive a kill
        return _joined(list(run(work(sets, part) for part in parts)))


def _leave_signals_to_the_caller() -> None:
    """Go on where a terminal or a scheduler tells all processes to stop: the caller decides."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def _values(sets: Mapping[int, MetricSet], part: PartOfResamples) -> Values:
    return _joined(
        [{number: dict(one(weights)) for number, one in sets.items()} for weights in part.chunks()]
    )


def _joined(parts: list[Values]) -> Values:
    """Return the values of resamples that follow one another as those of all of them."""
    return {
        number: {key: np.concatenate([part[number][key] for part in parts]) for key in of_set}
        for number, of_set in (parts[0] if parts else {}).items()
    }
