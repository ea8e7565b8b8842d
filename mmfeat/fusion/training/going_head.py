"""One head on its way: the course of its method, followed from round to round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mmfeat.errors import Interrupted, TrainError
from mmfeat.fusion.contract import Course, FitOptions, FoldData, Head, Method
from mmfeat.fusion.training.network_jobs import NetworkJob, TrainedNetwork
from mmfeat.fusion.training.saved_networks import forget


@dataclass(frozen=True, eq=False)
class HeadRequest:
    """Ask for one head; the name tells it apart from others, and its networks on disk too."""

    name: str
    method: Method
    data: FoldData
    seed: int
    options: FitOptions


@dataclass(eq=False)
class GoingHead:
    """Follow one head from round to round."""

    request: HeadRequest
    jobs: list[NetworkJob] = field(default_factory=list)
    """Those of the round, under names that no other head has."""
    _course: Course | None = None
    _trained: dict[str, TrainedNetwork] = field(default_factory=dict)
    _asked_for: list[NetworkJob] = field(default_factory=list)

    def take(self, trained: TrainedNetwork) -> bool:
        """Take a network of the round; say whether it was the last one."""
        self._trained[trained.job.name] = trained
        return len(self._trained) == len(self.jobs)

    def advance(self, should_stop: Callable[[], bool]) -> Head | None:
        """Go on to the next round, which has some networks, or return the head.

        Raises:
            TrainError: A network of the round failed, or the method finds nothing to learn from.
            Interrupted: ``should_stop`` said so.
        """
        trained = [self._trained[job.name] for job in self.jobs]
        for network in trained:
            if network.failure is not None:
                raise TrainError(
                    f"`{network.job.name}` cannot be trained: {network.failure}; give a lower "
                    "`train.learning_rate`, or clip gradients with `train.largest_norm`"
                )
        try:
            self._next_round(trained)
            while not self.jobs:
                if should_stop():
                    raise Interrupted("the head in training is lost, finished ones are kept")
                self._next_round([])
        except StopIteration as end:
            head: Head = end.value
            return head
        return None

    def _next_round(self, trained: Sequence[TrainedNetwork]) -> None:
        request = self.request
        if self._course is None:
            self._course = request.method.course(
                request.data, seed=request.seed, options=request.options
            )
            jobs = next(self._course)
        else:
            jobs = self._course.send(trained)
        self.jobs = [replace(job, name=f"{request.name}/{job.name}") for job in jobs]
        self._asked_for += self.jobs
        self._trained = {}

    def forget(self, unfinished: Path | None) -> None:
        """Remove what is kept of the head's networks."""
        if unfinished is not None:
            for job in self._asked_for:
                forget(unfinished, job)
