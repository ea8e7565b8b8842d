"""How far one worker is: a small file that it writes, and that launchers and `mmfeat jobs` read."""

import json
import logging
import socket
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from mmfeat.provenance import write_json

_LOGGER = logging.getLogger(__name__)

StateName = Literal["running", "done", "stopped", "failed"]
"""Failed: the command ended before its work was done, for another reason than a request to stop.
Done: also with cases that failed, which are `n_failed`."""


@dataclass(frozen=True)
class WorkerState:
    """Say how far the worker of one shard is, or how it ended."""

    shard: str
    """`i/n`; `finish` for the command that comes after all shards."""
    state: StateName
    host: str
    pid: int
    started: str
    """UTC, ISO 8601."""
    updated: str
    """UTC, ISO 8601, by the worker's clock."""
    phase: str = ""
    """What it does now, in a few words."""
    n_done: int = 0
    """Steps (scans of cases, heads) that this start of the worker has behind it."""
    n_total: int = 0
    """Steps that it knows of; more are added when it begins the next modality."""
    n_failed: int = 0
    """Cases, or heads, of the share that failed; known at the end."""
    exit_code: int | None = None
    """Of the command, once it has ended."""
    message: str = ""
    """Why it stopped or failed, in one line."""

    @property
    def has_ended(self) -> bool:
        """Whether the command came to its end, and was not killed."""
        return self.state != "running"

    @property
    def share_done(self) -> float:
        """How much of the steps that are known of is done, from 0 to 1."""
        return self.n_done / self.n_total if self.n_total else 0.0

    def write(self, file: Path) -> None:
        """Put the state into its file, whole.

        Raises:
            OSError: The disk refuses.
        """
        write_json(file, asdict(self), make_folder=False)


def read_worker_state(file: Path) -> WorkerState | None:
    """Read the state of a worker; None where there is none, or none that can be read."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        known = {field.name for field in fields(WorkerState)}
        state = WorkerState(**{name: value for name, value in told.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError):
        return None  # not begun, or of another version
    return state if state.state in get_args(StateName) else None


def state_at_end(file: Path, shard: str, *, pid: int, exit_code: int, stopped: bool) -> WorkerState:
    """Return what a worker that has ended said of its end; say it for one that could not.

    Args:
        file: Its state.
        shard: As in WorkerState.
        pid: Its number on this machine, the number of what its launcher has started.
        exit_code: Of the process; below 0: the signal that killed it.
        stopped: Whether it was asked to stop.
    """
    told = read_worker_state(file)
    if told is not None and told.has_ended and told.pid == pid:
        return told
    now = datetime.now(UTC).isoformat(timespec="seconds")
    state = replace(
        told or WorkerState(shard, "running", socket.gethostname(), pid, now, now),
        state="stopped" if stopped else "failed",
        updated=now,
        exit_code=exit_code,
        message=ended_in_words(exit_code),
    )
    try:
        state.write(file)
    except OSError as error:
        _LOGGER.warning("%s: cannot be written (%s); the others go on", file, error)
    return state


def ended_in_words(exit_code: int) -> str:
    """Say how a process ended by its exit code.

    Example:
        >>> ended_in_words(-9)
        'killed by signal 9, as the system does when memory runs out'
    """
    if exit_code == -9:
        return "killed by signal 9, as the system does when memory runs out"
    if exit_code < 0:
        return f"killed by signal {-exit_code}"
    return f"ended with exit code {exit_code}; its log says more"
