"""What Slurm's queue has of the tasks of a job."""

from collections.abc import Iterable
from typing import Literal

from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import FINISH
from mmfeat.launching.slurm.programs import run_slurm

_WAITING = {"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
_ENDED = {
    "BOOT_FAIL",
    "CANCELLED",
    "COMPLETED",
    "DEADLINE",
    "FAILED",
    "NODE_FAIL",
    "OUT_OF_MEMORY",
    "PREEMPTED",
    "REVOKED",
    "TIMEOUT",
}
_NOTHING_SAID = {"", "None", "N/A"}


def queued_tasks(name: str, finish_name: str) -> dict[str, EngineTask]:
    """Return what Slurm's queue has of a job: by shard, and `finish`.

    Slurm also lists tasks that ended some minutes ago. A shard that was submitted several times is
    as the task that is still to end, or else as the newest.

    Args:
        name: What Slurm calls the tasks of the shards.
        finish_name: What it calls the finishing job.

    Raises:
        LaunchError: Slurm is not there, or does not answer.
    """
    arguments = ["--noheader", "--array", "--states=all", f"--name={name},{finish_name}"]
    said = run_slurm("squeue", [*arguments, "--format=%j|%A|%K|%T|%N|%r"])
    found = []
    for line in said.splitlines():
        of, number, shard, state, nodes, reason = line.split("|", 5)
        found.append(
            (FINISH if of == finish_name else shard, task_of(state, number, reason, nodes))
        )
    return newest(found)


def task_of(state: str, number: str, reason: str, nodes: str) -> EngineTask:
    """Return a task as Slurm puts it."""
    said = "" if reason in _NOTHING_SAID else reason
    if _state(state) == "ended" and state not in said:
        said = f"{state}, {said}" if said else state
    return EngineTask(_state(state), number, said, "" if nodes in _NOTHING_SAID else nodes)


def _state(state: str) -> Literal["pending", "running", "ended"]:
    if state in _WAITING:
        return "pending"
    return "ended" if state in _ENDED else "running"


def newest(found: Iterable[tuple[str, EngineTask]]) -> dict[str, EngineTask]:
    """Return for each shard the task that is still to end, or else the newest."""
    tasks: dict[str, EngineTask] = {}
    for shard, task in sorted(found, key=lambda pair: _rank(pair[1])):
        tasks[shard] = task
    return tasks


def _rank(task: EngineTask) -> tuple[bool, int]:
    return task.state != "ended", int(task.number.partition("_")[0])
