"""Let a worker's state follow its progress: a thread of its own writes the file."""

import logging
import os
import socket
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self

from mmfeat.launching.worker_state import StateName, WorkerState
from mmfeat.progress import Progress

_LOGGER = logging.getLogger(__name__)
_EVERY_S = 2.0
_SIGN_OF_LIFE_S = 30.0


class StateReporting:
    """Pass progress on, and keep the file of a worker's state up to date until the block ends.

    The file is for launchers and people. The work is safe without it, so a disk that refuses it is
    a warning and no more.

    Example:
        >>> import tempfile
        >>> from mmfeat.launching.worker_state import read_worker_state
        >>> from mmfeat.progress import Silent
        >>> file = Path(tempfile.mkdtemp()) / "0.json"
        >>> with StateReporting(file, "0/2", Silent()) as state:
        ...     state.start("ct", 5)
        ...     state.advance(3)
        ...     state.end("done", exit_code=0)
        >>> (read_worker_state(file).state, read_worker_state(file).n_done)
        ('done', 3)
    """

    def __init__(
        self, file: Path, shard: str, progress: Progress, *, every_s: float = _EVERY_S
    ) -> None:
        self._file, self._progress, self._every_s = file, progress, every_s
        now = _now()
        self._state = WorkerState(shard, "running", socket.gethostname(), os.getpid(), now, now)
        self._written: WorkerState | None = None
        self._ended = Event()
        self._thread = Thread(target=self._renew, name="worker-state", daemon=True)
        self._told = False

    def start(self, task: str, total: int) -> None:
        """Begin a task; its steps come to those of the tasks before."""
        self._progress.start(task, total)
        self._state = replace(self._state, phase=task, n_total=self._state.n_total + total)

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count steps."""
        self._progress.advance(steps, note)
        self._state = replace(self._state, n_done=self._state.n_done + steps)

    def end(
        self, state: StateName, *, exit_code: int, message: str = "", n_failed: int = 0
    ) -> None:
        """Say how the work ended; it is written when the block ends."""
        self._state = replace(
            self._state, state=state, exit_code=exit_code, message=message, n_failed=n_failed
        )

    def __enter__(self) -> Self:
        """Write that the work has begun."""
        self._write()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the last state."""
        self._ended.set()
        self._thread.join()
        self._write()

    def _renew(self) -> None:
        silent_s = 0.0
        while not self._ended.wait(self._every_s):
            silent_s += self._every_s
            if self._state is not self._written or silent_s >= _SIGN_OF_LIFE_S:
                self._write()
                silent_s = 0.0

    def _write(self) -> None:
        self._written = self._state
        try:
            replace(self._written, updated=_now()).write(self._file)
        except OSError as error:
            if not self._told:
                self._told = True
                _LOGGER.warning(
                    "%s: cannot be written (%s), so nobody sees how far this worker is; the work "
                    "goes on",
                    self._file,
                    error,
                )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
