"""Train many heads: the loop over epochs, in which each head stops when it is finished."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from mmfeat.errors import Interrupted
from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.stacked.cohort import StackedCohort, stacked_cohort
from mmfeat.fusion.stacked.compiling import compiler_errors
from mmfeat.fusion.stacked.grouping import stacks_of
from mmfeat.fusion.stacked.running import StepRunner
from mmfeat.fusion.stacked.starting import start_stack, tensors_of_head
from mmfeat.fusion.training.epochs import Epochs, Verdict
from mmfeat.fusion.training.network_jobs import (
    NetworkJob,
    OnEpoch,
    Precision,
    StackOptions,
    TrainedNetwork,
    tell_nobody,
)
from mmfeat.fusion.training.saved_networks import BETWEEN_SAVES_S, SavedNetworks

Finish = Callable[[TrainedNetwork], None]


def train_stack(
    jobs: Sequence[NetworkJob],
    *,
    options: StackOptions,
    device: str,
    should_stop: Callable[[], bool],
    on_finished: Finish = lambda _: None,
    on_epoch: OnEpoch = tell_nobody,
    unfinished: Path | None = None,
) -> list[TrainedNetwork]:
    """Train networks of any shapes, those of one shape together.

    A network is the same, up to rounding, whichever others it is trained with.

    Args:
        jobs: What is asked for; jobs of one fold should share its object.
        options: How it is run.
        device: Where.
        should_stop: Asked before every epoch.
        on_finished: Told of each network as soon as it is finished.
        on_epoch: Told of every epoch of every network.
        unfinished: Folder for the state of networks; those that it holds go on from there.

    Returns:
        The networks in the order of the jobs.

    Raises:
        Interrupted: ``should_stop`` said so; networks that were finished have been told.
        TrainError: A state in ``unfinished`` is of something else, or damaged.
        ValueError: Names occur twice, or a job cannot be stacked.
    """
    names = [job.name for job in jobs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names of jobs must differ, but `{twice}` occurs twice")
    finished: dict[str, TrainedNetwork] = {}

    def finish(network: TrainedNetwork) -> None:
        finished[network.job.name] = network
        on_finished(network)

    @lru_cache(maxsize=1)
    def cohort_of(folds: tuple[FoldData, ...]) -> StackedCohort:
        return stacked_cohort(folds, device=device, precision=options.precision)

    saved = None if unfinished is None else SavedNetworks(unfinished, "stacked")
    with _matrix_products(options.precision):
        for part in stacks_of(jobs, options, device):
            cohort = cohort_of(tuple(dict.fromkeys(job.data for job in part)))
            _Training(part, cohort, options, saved).run(should_stop, finish, on_epoch)
    return [finished[name] for name in names]


class _Training:
    """Train the heads of one stack, telling of each when it is finished."""

    def __init__(
        self,
        jobs: Sequence[NetworkJob],
        cohort: StackedCohort,
        options: StackOptions,
        saved: SavedNetworks | None,
    ) -> None:
        self._saved, self._saved_at = saved, time.monotonic()
        running = options.running or ("graph" if cohort.labels.is_cuda else "eager")
        self._runner = StepRunner(running)
        found = [None if saved is None else saved.load(job) for job in jobs]
        self._stack = start_stack(jobs, cohort, [None if f is None else f[1] for f in found])
        if options.compiles:
            self._stack.compile()
        self._epochs = [
            Epochs(job.loop, job.start_competes) if state is None else state[0]
            for job, state in zip(jobs, found, strict=True)
        ]
        self._told: set[str] = set()

    def run(self, should_stop: Callable[[], bool], finish: Finish, on_epoch: OnEpoch) -> None:
        """Run epochs until every head is finished."""
        for epochs, verdict in zip(self._epochs, _verdicts(self._stack.verdicts()), strict=True):
            if not epochs.history:
                epochs.start(verdict)
        while self._settle(finish):
            stops = should_stop()
            if stops or time.monotonic() - self._saved_at > BETWEEN_SAVES_S:
                self._save()
            if stops:
                raise Interrupted("heads in training are lost unless their state is kept")
            self._run_epoch(on_epoch)

    def _run_epoch(self, on_epoch: OnEpoch) -> None:
        stack = self._stack
        was_finished = [epochs.is_finished for epochs in self._epochs]
        with compiler_errors():
            self._runner.run_epoch(stack, [epochs.epoch + 1 for epochs in self._epochs])
        # One transfer for everything that the host has to know of an epoch.
        losses, *judged = torch.cat([stack.mean_losses()[None], stack.verdicts()]).cpu()
        improved = [
            epochs.add(loss, verdict)
            for epochs, loss, verdict in zip(
                self._epochs, losses.tolist(), _verdicts(torch.stack(judged)), strict=True
            )
        ]
        stack.keep_as_best(improved)
        for job, epochs, before in zip(stack.jobs, self._epochs, was_finished, strict=True):
            if not before:
                on_epoch(job, epochs.history[-1])

    def _settle(self, finish: Finish) -> bool:
        """Tell of the heads that are finished, and say whether any is left."""
        left = []
        for number, (job, epochs) in enumerate(zip(self._stack.jobs, self._epochs, strict=True)):
            if not epochs.is_finished:
                left.append(number)
            elif job.name not in self._told:
                self._told.add(job.name)
                self._save_one(number)
                state = self._stack.best_state(number)
                finish(
                    TrainedNetwork(job, state, epochs.history, epochs.best_epoch, epochs.failure)
                )
        if left and self._runner.may_shrink(len(left), len(self._epochs)):
            self._stack.keep(left)
            self._epochs = [self._epochs[number] for number in left]
            self._runner.forget()
        return bool(left)

    def _save(self) -> None:
        for number, epochs in enumerate(self._epochs):
            if not epochs.is_finished:
                self._save_one(number)
        self._saved_at = time.monotonic()

    def _save_one(self, number: int) -> None:
        if self._saved is not None:
            self._saved.save(
                self._stack.jobs[number],
                self._epochs[number],
                tensors_of_head(self._stack, number),
            )


def _verdicts(judged: Tensor) -> list[Verdict]:
    """Return each head's verdict: from ``(2, heads)``, scores and losses."""
    return [Verdict(score, loss) for score, loss in judged.T.tolist()]


@contextmanager
def _matrix_products(precision: Precision) -> Iterator[None]:
    """Let matrix products of float32 round their factors to TF32 on a GPU, or not."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
