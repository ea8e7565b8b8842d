"""Where a job stands: what its workers wrote, and what the engine that runs them says, as one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import CANCELLED, FINISH, JobFolder, ShardStatus
from mmfeat.launching.log_tail import log_tail
from mmfeat.launching.worker_state import WorkerState

ShardState = Literal["pending", "running", "done", "stopped", "failed"]
SHARD_STATES: tuple[ShardState, ...] = ("pending", "running", "done", "stopped", "failed")
_SILENT_S = 300.0


@dataclass(frozen=True)
class ShardView:
    """Say where one shard stands, or what comes after all of them."""

    name: str
    """Its number, or `finish`."""
    state: ShardState
    reason: str
    """Why it waits, stopped or failed, in one line."""
    worker: WorkerState | None
    """What its newest worker wrote; None: none has begun."""
    engine: EngineTask | None
    """What the engine says; None: it knows nothing of it."""
    log: str
    log_tail: tuple[str, ...] = ()
    """The last lines of the log of a shard that stopped or failed."""

    def to_json(self) -> dict[str, Any]:
        """Return the view as plain JSON values."""
        worker = self.worker
        return {
            "shard": self.name,
            "state": self.state,
            "reason": self.reason,
            "n_done": worker.n_done if worker else 0,
            "n_total": worker.n_total if worker else 0,
            "n_failed": worker.n_failed if worker else 0,
            "exit_code": worker.exit_code if worker else None,
            "host": worker.host if worker else self.engine.place if self.engine else "",
            "updated": worker.updated if worker else None,
            "engine": self.engine.number if self.engine else None,
            "log": self.log,
            "log_tail": list(self.log_tail),
        }


@dataclass(frozen=True)
class JobView:
    """Say where a job stands."""

    job: JobFolder
    shards: tuple[ShardView, ...]
    finish: ShardView | None
    """What comes after all shards; None: nothing does."""
    note: str = ""
    """What is not known, because the engine could not be asked."""
    counts: Mapping[ShardState, int] = field(init=False)
    """Shards by state."""

    def __post_init__(self) -> None:
        """Count the shards."""
        found = Counter(shard.state for shard in self.shards)
        object.__setattr__(self, "counts", {state: found[state] for state in SHARD_STATES})

    @property
    def unfinished(self) -> tuple[int, ...]:
        """Numbers of the shards that are neither done nor being done, nor wait for it."""
        return tuple(int(one.name) for one in self.shards if one.state in ("stopped", "failed"))

    @property
    def is_live(self) -> bool:
        """Whether anything of it is running, or waits to."""
        parts = [*self.shards, *([self.finish] if self.finish else [])]
        return any(one.state in ("pending", "running") for one in parts)

    @property
    def is_to_be_done_again(self) -> bool:
        """Whether a shard stopped or failed, or nothing was put together after them."""
        finish = self.finish
        return bool(self.unfinished) or (
            finish is not None
            and finish.state in ("stopped", "failed")
            and all(one.state == "done" for one in self.shards)
        )

    def to_json(self) -> dict[str, Any]:
        """Return the view as plain JSON values."""
        record = self.job.record
        return {
            "job": record.job,
            "command": record.command,
            "config": record.config,
            "launcher": record.launcher,
            "created": record.created,
            "folder": str(self.job.path),
            "engine": dict(record.engine),
            "counts": dict(self.counts),
            "note": self.note,
            "shards": [shard.to_json() for shard in self.shards],
            "finish": self.finish.to_json() if self.finish else None,
        }


def view_job(job: JobFolder, tasks: Mapping[str, EngineTask] | None, note: str = "") -> JobView:
    """Put together what workers wrote and what the engine says.

    Args:
        job: The folder of the job.
        tasks: What the engine says, by shard and `finish`; None: it cannot be asked.
        note: Why it cannot.
    """
    cancelled = bool(job.record.engine.get(CANCELLED))
    shards = tuple(_view(one, tasks, cancelled=cancelled) for one in job.shards())
    finish = None
    if job.record.finish is not None:
        finish = _view(job.status(FINISH), tasks, cancelled=cancelled)
    return JobView(job, shards, finish, note)


def _view(
    status: ShardStatus, tasks: Mapping[str, EngineTask] | None, *, cancelled: bool
) -> ShardView:
    task = None if tasks is None else tasks.get(status.name)
    if tasks is None:
        state, reason = _by_worker_alone(status.state)
    elif task is not None and task.state != "ended":
        state, reason = task.state, task.reason
    elif status.state is None and cancelled:
        state, reason = "stopped", "cancelled before it began"
    else:
        state, reason = _after_the_end(status.state, task)
    tail = log_tail(status.log) if state in ("stopped", "failed") else ()
    return ShardView(status.name, state, reason, status.state, task, str(status.log), tail)


def _by_worker_alone(worker: WorkerState | None) -> tuple[ShardState, str]:
    """Judge by what the worker wrote, where nobody else can be asked."""
    if worker is None:
        return "pending", "no worker has begun it"
    if worker.state != "running":
        return worker.state, worker.message
    silent_s = (datetime.now(UTC) - datetime.fromisoformat(worker.updated)).total_seconds()
    if silent_s > _SILENT_S:
        return "failed", f"no sign of life since {worker.updated}, on {worker.host}"
    return "running", ""


def _after_the_end(worker: WorkerState | None, task: EngineTask | None) -> tuple[ShardState, str]:
    """Judge a shard that the engine no longer runs."""
    said = task.reason if task else ""
    if worker is None and task is None:
        return "failed", "no worker has begun it, and none will"
    if worker is None:
        return "failed", f"ended before mmfeat began{_in_brackets(said)}"
    if worker.state == "running":
        return "failed", f"killed on {worker.host}, last seen {worker.updated}{_in_brackets(said)}"
    return worker.state, worker.message


def _in_brackets(said: str) -> str:
    return f" ({said})" if said else ""
