"""Have the shards of a job done by actors of a cluster, and begin those again whose actor died."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mmfeat.errors import one_line
from mmfeat.launching.command_line import command_line
from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.local.crew import CrewWatch, Post, ShardEnd
from mmfeat.launching.local.places import Place
from mmfeat.launching.ray.cluster import Cluster
from mmfeat.launching.ray.shard_worker import ShardWorker
from mmfeat.launching.worker_state import (
    WorkerState,
    ended_in_words,
    read_worker_state,
    state_at_end,
)
from mmfeat.work_shard import WorkShard

_LOOK_EVERY_S = 0.5
_AT_A_NODE = "?"


@dataclass
class _Busy:
    shard: WorkShard
    actor: Any
    result: Any
    """What Ray will hand over: the number of the process, and its exit code."""
    n_starts: int


class RayCrew:
    """Give every shard an actor; those that find no room wait, and a cluster that can grow does.

    An actor is for one shard and goes with it, so that nodes that are not needed any more can be
    given back.
    """

    def __init__(
        self,
        job: JobFolder,
        cluster: Cluster,
        *,
        may_restart: Callable[[int], bool],
        watch: CrewWatch,
    ) -> None:
        """Make a crew.

        Args:
            job: Where workers write; on a disk that all nodes share with this machine.
            cluster: With which this process is connected.
            may_restart: Says of an exit code whether the same command may do better.
            watch: Is shown what goes on.
        """
        self._job = job
        self._cluster = cluster
        self._may_restart = may_restart
        self._watch = watch
        self._busy: list[_Busy] = []
        self._ends: list[ShardEnd] = []
        self._stops = False

    def work(
        self, shards: Sequence[WorkShard], *, should_stop: Callable[[], bool]
    ) -> tuple[ShardEnd, ...]:
        """Have the shards done, and say how each ended, in their order.

        Once a stop is asked for, workers are asked to stop, and their ends are awaited; shards
        without a worker are given up.
        """
        for shard in shards:
            # What an earlier start says would be taken for this one's.
            self._job.state_file(shard.index).unlink(missing_ok=True)
        try:
            self._busy = [self._started(shard, n_starts=1) for shard in shards]
            while self._busy:
                if should_stop() and not self._stops:
                    self._stop()
                self._wait()
                self._watch.look(list(self._posts()), self._ends)
        finally:
            for busy in self._busy:
                self._cluster.ray.kill(busy.actor)
        return tuple(sorted(self._ends, key=lambda end: end.shard.index))

    def _started(self, shard: WorkShard, *, n_starts: int) -> _Busy:
        words = command_line(
            self._job.record.call,
            shard=shard,
            state=self._job.state_file(shard.index),
            program=(),
        )
        # One call is the work, the other the request to stop; Ray is not to repeat either: who
        # begins again, and how often, is decided here.
        actor = (
            self._cluster.ray.remote(ShardWorker)
            .options(max_concurrency=2, max_restarts=0, **self._cluster.size.needs)
            .remote()
        )
        result = actor.work.remote(
            words,
            log=str(self._job.log_file(shard.index)),
            environment=dict(self._cluster.size.environment),
        )
        return _Busy(shard, actor, result, n_starts)

    def _stop(self) -> None:
        """Ask those to stop that work; let those go that are not known to have begun."""
        self._stops = True
        waiting = []
        for busy in self._busy:
            if read_worker_state(self._job.state_file(busy.shard.index)) is None:
                self._cluster.ray.kill(busy.actor)
                log = self._job.log_file(busy.shard.index)
                self._ends.append(ShardEnd(busy.shard, None, busy.n_starts, None, log))
            else:
                busy.actor.ask_to_stop.remote()
                waiting.append(busy)
        self._busy = waiting

    def _wait(self) -> None:
        """Wait a moment for actors to end; begin those shards again that died."""
        if not self._busy:
            return
        results = [busy.result for busy in self._busy]
        ended, _ = self._cluster.ray.wait(results, num_returns=len(results), timeout=_LOOK_EVERY_S)
        still = [busy for busy in self._busy if busy.result not in ended]
        for busy in self._busy:
            if busy.result in ended:
                again = self._taken(busy)
                still += [] if again is None else [again]
        self._busy = still

    def _taken(self, busy: _Busy) -> _Busy | None:
        """Take note of how an actor ended; return what follows where it died."""
        try:
            pid, code = self._cluster.ray.get(busy.result)
        except self._cluster.ray.exceptions.RayTaskError as error:
            self._give_up(busy, one_line(error.cause))
            return None
        except self._cluster.ray.exceptions.RayError as error:
            why = f"its actor or node died ({type(error).__name__})"
            again = self._again(busy, why)
            if again is None:
                self._give_up(busy, why)
            return again
        if self._may_restart(code):
            again = self._again(busy, ended_in_words(code))
            if again is not None:
                return again
        file, log = self._job.state_file(busy.shard.index), self._job.log_file(busy.shard.index)
        state = state_at_end(file, str(busy.shard), pid=pid, exit_code=code, stopped=self._stops)
        self._ends.append(ShardEnd(busy.shard, code, busy.n_starts, state, log))
        return None

    def _again(self, busy: _Busy, why: str) -> _Busy | None:
        """Begin a shard again, if it is not to stop and has not died too often."""
        if self._stops or busy.n_starts > self._cluster.size.settings.retries:
            return None
        self._watch.tell(f"shard {busy.shard}: {why}; begun again")
        return self._started(busy.shard, n_starts=busy.n_starts + 1)

    def _give_up(self, busy: _Busy, why: str) -> None:
        """Say of a shard that nobody is left to do it."""
        index = busy.shard.index
        file, log = self._job.state_file(index), self._job.log_file(index)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = read_worker_state(file) or WorkerState(
            str(busy.shard), "running", _AT_A_NODE, 0, now, now
        )
        state = replace(
            told,
            state="stopped" if self._stops else "failed",
            updated=now,
            message=f"{why}, at the last of {busy.n_starts} starts",
        )
        state.write(file)
        code = None if self._stops else -9
        self._ends.append(ShardEnd(busy.shard, code, busy.n_starts, state, log))

    def _posts(self) -> Iterator[Post]:
        """Name those that are known to work; others wait for a node, or start."""
        for busy in self._busy:
            state = read_worker_state(self._job.state_file(busy.shard.index))
            if state is not None and not state.has_ended:
                yield Post(Place(state.host, {}), busy.shard, busy.n_starts, state)
