"""Fit and score what is still missing, on all cores; every head's result is kept at once."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from benchmarks.methods.cohort import Cohort
from benchmarks.methods.cohorts import COHORTS
from benchmarks.methods.contenders import contender_of
from benchmarks.methods.folds import N_FOLDS, BenchmarkFold, repeated_folds
from benchmarks.methods.results import Unit, add_result, end_line, finished_units
from benchmarks.methods.scoring import score_head
from mmfeat.core_budget import allotted_cores
from mmfeat.fusion.training.running import fit_head


@dataclass(frozen=True)
class Portion:
    """Ask for some contenders, by their names, on one fold; they share its linear models."""

    cohort: str
    repeat: int
    fold: int
    contenders: tuple[str, ...]


def run(
    portions: Sequence[Portion], file: Path, *, deadline_s: float, n_processes: int | None = None
) -> None:
    """Work through the portions in order, until a time on the monotonic clock."""
    end_line(file)
    pending = without_finished(portions, finished_units(file))
    started, n_heads = time.monotonic(), sum(len(one.contenders) for one in pending)
    print(f"{n_heads} heads to fit", flush=True)
    done = 0
    with ProcessPoolExecutor(
        n_processes or allotted_cores(), mp_context=get_context("spawn"), initializer=_one_thread
    ) as pool:
        futures = {pool.submit(_work, one, file, deadline_s): one for one in pending}
        for future in as_completed(futures):
            n_fitted, one = future.result(), futures[future]
            if not n_fitted:  # the time is over
                continue
            done += n_fitted
            print(
                f"{time.monotonic() - started:6.0f} s  {done} of {n_heads} heads  "
                f"{one.cohort} repeat {one.repeat} fold {one.fold}",
                flush=True,
            )


def portions_of(
    cohorts: Sequence[str], contenders: Sequence[str], repeats: range
) -> Iterator[Portion]:
    """Give the folds of the first repeat of all cohorts, then those of the second, ..."""
    for repeat in repeats:
        for cohort in cohorts:
            for fold in range(N_FOLDS):
                yield Portion(cohort, repeat, fold, tuple(contenders))


def without_finished(portions: Sequence[Portion], finished: set[Unit]) -> list[Portion]:
    """Leave out what is already scored."""
    left = []
    for one in portions:
        missing = tuple(
            name
            for name in one.contenders
            if Unit(one.cohort, one.repeat, one.fold, name) not in finished
        )
        if missing:
            left.append(replace(one, contenders=missing))
    return left


def _one_thread() -> None:
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    threadpool_limits(1)


def _work(portion: Portion, file: Path, deadline_s: float) -> int:
    """Fit and score one fold's heads; return how many."""
    # The clock of all processes of a machine is the same.
    if time.monotonic() > deadline_s:
        return 0
    fold = _folds(portion.cohort, portion.repeat)[portion.fold]
    for name in portion.contenders:
        contender, unit = (
            contender_of(name),
            Unit(portion.cohort, portion.repeat, portion.fold, name),
        )
        started = time.process_time()
        try:
            method = contender.make()
            data = fold.data if contender.hides_cells else replace(fold.data, cell_dropout={})
            head = fit_head(method, data, seed=portion.repeat, options=contender.options)
        except Exception as error:
            error.add_note(f"while fitting {unit}")
            raise
        seconds = time.process_time() - started  # of the processor: others may be at work too
        add_result(file, unit, score_head(head, fold), seconds=seconds, remark=_remark(head))
    return len(portion.contenders)


def _remark(head: object) -> str:
    """Say how much of its network the default takes for each set of modalities."""
    shares = getattr(head, "shares", None) or {}
    return " ".join(
        f"{'+'.join(map(str, members))}={share:.2f}" for members, share in shares.items()
    )


@lru_cache(maxsize=1)
def _folds(name: str, repeat: int) -> list[BenchmarkFold]:
    return list(repeated_folds(_cohort(name), range(repeat, repeat + 1)))


@lru_cache(maxsize=2)
def _cohort(name: str) -> Cohort:
    (plan,) = [plan for plan in COHORTS if plan.name == name]
    return plan.build()
