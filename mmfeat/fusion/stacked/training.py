"""Train many heads: the loop over epochs, in which each head stops when it is finished."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import torch

from mmfeat.errors import Interrupted
from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.network_jobs import NetworkJob, Precision, StackOptions, TrainedNetwork
from mmfeat.fusion.stacked.cohort import StackedCohort, stacked_cohort
from mmfeat.fusion.stacked.course import Course
from mmfeat.fusion.stacked.grouping import stacks_of
from mmfeat.fusion.stacked.running import StepRunner
from mmfeat.fusion.stacked.saved_heads import SavedHeads
from mmfeat.fusion.stacked.starting import start_stack, tensors_of_head

_BETWEEN_SAVES_S = 60.0


def train_stack(
    jobs: Sequence[NetworkJob],
    folds: Sequence[FoldData],
    *,
    options: StackOptions,
    device: str,
    should_stop: Callable[[], bool],
    on_finished: Callable[[TrainedNetwork], None] = lambda _: None,
    unfinished: Path | None = None,
) -> list[TrainedNetwork]:
    """Train heads of any shapes, those of one shape together.

    A head is the same, up to rounding, whichever others it is trained with.

    Args:
        jobs: What is asked for.
        folds: What the jobs' ``fold`` counts; each job's architecture must be of its widths.
        options: How it is run.
        device: Where.
        should_stop: Asked before every epoch.
        on_finished: Told of each head as soon as it is finished, so that it can be stored.
        unfinished: Folder for the state of heads in training; where it holds some already, they
            go on from there.

    Returns:
        The heads in the order of the jobs.

    Raises:
        Interrupted: ``should_stop`` said so; heads that were finished have been told.
        TrainError: A state in ``unfinished`` is of something else, or damaged.
        ValueError: Names occur twice, or folds of one shape of network differ in shape.
    """
    names = [job.name for job in jobs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"names of jobs must differ, but `{twice}` occurs twice")
    heads: dict[str, TrainedNetwork] = {}

    def finish(head: TrainedNetwork) -> None:
        heads[head.job.name] = head
        on_finished(head)

    @lru_cache(maxsize=1)
    def cohort_of(numbers: tuple[int, ...]) -> StackedCohort:
        return stacked_cohort(
            {number: folds[number] for number in numbers},
            device=device,
            precision=options.precision,
        )

    saved = None if unfinished is None else SavedHeads(unfinished)
    with _matrix_products(options.precision):
        for part in stacks_of(jobs, options, device):
            cohort = cohort_of(tuple(sorted({job.fold for job in part})))
            _Training(part, cohort, options, finish, saved).run(should_stop)
    return [heads[name] for name in names]


class _Training:
    """Train the heads of one stack, telling of each when it is finished."""

    def __init__(
        self,
        jobs: Sequence[NetworkJob],
        cohort: StackedCohort,
        options: StackOptions,
        finish: Callable[[TrainedNetwork], None],
        saved: SavedHeads | None,
    ) -> None:
        self._finish, self._saved, self._saved_at = finish, saved, time.monotonic()
        running = options.running or ("graph" if cohort.labels.is_cuda else "eager")
        self._runner = StepRunner(running)
        found = [None if saved is None else saved.load(job) for job in jobs]
        self._stack = start_stack(
            jobs,
            cohort,
            [None if state is None else state[1] for state in found],
        )
        self._courses = [
            Course(job.loop, job.start_competes) if state is None else state[0]
            for job, state in zip(jobs, found, strict=True)
        ]
        self._told: set[str] = set()

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Run epochs until every head is finished."""
        for course, score in zip(self._courses, self._stack.scores().tolist(), strict=True):
            if not course.history:
                course.start(score)
        while self._settle():
            if should_stop():
                self._save()
                raise Interrupted("heads in training are lost unless their state is kept")
            if time.monotonic() - self._saved_at > _BETWEEN_SAVES_S:
                self._save()
            self._runner.run_epoch(self._stack, [course.epoch + 1 for course in self._courses])
            results = torch.stack([self._stack.mean_losses(), self._stack.scores()]).tolist()
            improved = [
                course.add(loss, score)
                for course, loss, score in zip(self._courses, *results, strict=True)
            ]
            self._stack.keep_as_best(improved)

    def _settle(self) -> bool:
        """Tell of the heads that are finished, and say whether any is left."""
        left = []
        for number, (job, course) in enumerate(zip(self._stack.jobs, self._courses, strict=True)):
            if not course.is_finished:
                left.append(number)
            elif job.name not in self._told:
                state = self._stack.best_state(number)
                self._finish(
                    TrainedNetwork(job, state, course.history, course.best_epoch, course.failure)
                )
                self._told.add(job.name)
                if self._saved is not None:
                    self._saved.remove(job)
        if left and self._runner.may_shrink(len(left), len(self._courses)):
            self._stack.keep(left)
            self._courses = [self._courses[number] for number in left]
            self._runner.forget()
        return bool(left)

    def _save(self) -> None:
        if self._saved is None:
            return
        for number, (job, course) in enumerate(zip(self._stack.jobs, self._courses, strict=True)):
            if not course.is_finished:
                self._saved.save(job, course, tensors_of_head(self._stack, number))
        self._saved_at = time.monotonic()


@contextmanager
def _matrix_products(precision: Precision) -> Iterator[None]:
    """Let matrix products of float32 round their factors to TF32 on a GPU, or not."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high" if precision == "tf32" else "highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)
