"""Keep a worker at every place until all shards are done: start, watch, start once more."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mmfeat.launching.job_folder import JobFolder
from mmfeat.launching.local.places import Place
from mmfeat.launching.worker_process import PATIENCE_S, WorkerProcess
from mmfeat.launching.worker_state import (
    WorkerState,
    ended_in_words,
    read_worker_state,
    state_at_end,
)
from mmfeat.work_shard import WorkShard

_LOOK_EVERY_S = 0.5
MOST_STARTS = 2
"""A worker that dies is started once more; what it had stored is not done again."""


@dataclass(frozen=True)
class Post:
    """A place, and what is going on there."""

    place: Place
    shard: WorkShard
    n_starts: int
    state: WorkerState | None
    """As its worker told it last; None: nothing yet."""


@dataclass(frozen=True)
class ShardEnd:
    """How the work on a shard ended."""

    shard: WorkShard
    exit_code: int | None
    """Of its last worker; below 0: the signal that killed it. None: it was not begun, because of a
    stop."""
    n_starts: int
    state: WorkerState | None
    log: Path

    @property
    def is_done(self) -> bool:
        """Whether all of the shard was looked at."""
        return self.state is not None and self.state.state == "done"


class CrewWatch(Protocol):
    """Follow the workers."""

    def look(self, posts: Sequence[Post], ends: Sequence[ShardEnd]) -> None:
        """Be shown who works, several times a second, and which shards have ended."""

    def tell(self, note: str) -> None:
        """Be told of something that a user may want to know."""


@dataclass
class _Busy:
    place: Place
    shard: WorkShard
    process: WorkerProcess
    n_starts: int = 1
    asked_to_stop: bool = False


class Crew:
    """Have the shards of a job done, one at a time at each place."""

    def __init__(
        self,
        job: JobFolder,
        *,
        command_of: Callable[[WorkShard], Sequence[str]],
        may_restart: Callable[[int], bool],
        watch: CrewWatch,
    ) -> None:
        """Make a crew.

        Args:
            job: Where workers write.
            command_of: The command that does a shard.
            may_restart: Says of an exit code whether the same command may do better.
            watch: Is shown what goes on.
        """
        self._job = job
        self._command_of = command_of
        self._may_restart = may_restart
        self._watch = watch
        self._busy: list[_Busy] = []
        self._ends: list[ShardEnd] = []

    def work(
        self,
        places: Sequence[Place],
        shards: Sequence[WorkShard],
        *,
        should_stop: Callable[[], bool],
    ) -> tuple[ShardEnd, ...]:
        """Have the shards done, and say how each ended, in their order.

        Once a stop is asked for, workers are asked to stop, and their ends are awaited. Whatever
        ends this early, no worker is left behind.

        Raises:
            LaunchError: A worker cannot be started.
        """
        waiting = deque(shards)
        free = deque(places)
        try:
            while waiting or self._busy:
                if should_stop():
                    self._stop()
                    self._ends += [self._never_begun(shard) for shard in waiting]
                    waiting.clear()
                while waiting and free:
                    place, shard = free.popleft(), waiting.popleft()
                    self._busy.append(_Busy(place, shard, self._start(place, shard)))
                free += self._places_of_ended()
                self._watch.look(list(self._posts()), self._ends)
                time.sleep(_LOOK_EVERY_S)
        finally:
            for busy in self._busy:
                busy.process.ask_to_stop()
            for busy in self._busy:
                busy.process.wait_or_kill(PATIENCE_S)
        return tuple(sorted(self._ends, key=lambda end: end.shard.index))

    def _start(self, place: Place, shard: WorkShard) -> WorkerProcess:
        return WorkerProcess(
            self._command_of(shard),
            log=self._job.log_file(shard.index),
            environment=place.environment,
            cpus=place.cpus,
        )

    def _stop(self) -> None:
        for busy in self._busy:
            if not busy.asked_to_stop:
                busy.asked_to_stop = True
                busy.process.ask_to_stop()

    def _places_of_ended(self) -> list[Place]:
        """Take out the workers that have ended; start those once more that died."""
        free, still = [], []
        for busy in self._busy:
            code = busy.process.exit_code()
            if code is None:
                still.append(busy)
                continue
            busy.process.close()
            died = self._may_restart(code) and not busy.asked_to_stop
            if died and busy.n_starts < MOST_STARTS:
                self._watch.tell(f"shard {busy.shard}: {ended_in_words(code)}; started once more")
                busy.process = self._start(busy.place, busy.shard)
                busy.n_starts += 1
                still.append(busy)
                continue
            free.append(busy.place)
            self._ends.append(self._end_of(busy, code))
        self._busy = still
        return free

    def _end_of(self, busy: _Busy, code: int) -> ShardEnd:
        """Say how a worker ended, also in its state where it was killed before it could."""
        state = state_at_end(
            self._job.state_file(busy.shard.index),
            str(busy.shard),
            pid=busy.process.pid,
            exit_code=code,
            stopped=busy.asked_to_stop,
        )
        log = self._job.log_file(busy.shard.index)
        return ShardEnd(busy.shard, code, busy.n_starts, state, log)

    def _never_begun(self, shard: WorkShard) -> ShardEnd:
        return ShardEnd(shard, None, 0, None, self._job.log_file(shard.index))

    def _posts(self) -> Iterator[Post]:
        for busy in self._busy:
            state = read_worker_state(self._job.state_file(busy.shard.index))
            mine = state if state is not None and state.pid == busy.process.pid else None
            yield Post(busy.place, busy.shard, busy.n_starts, mine)
