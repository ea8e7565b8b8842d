"""What Slurm knows of a job that was handed to it, and how it is ended there."""

from collections.abc import Mapping

from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import JobFolder, JobRecord
from mmfeat.launching.slurm.accounts import accounted_tasks
from mmfeat.launching.slurm.names import finish_name, tasks_name
from mmfeat.launching.slurm.programs import run_slurm
from mmfeat.launching.slurm.queue import queued_tasks


def slurm_tasks(job: JobFolder) -> Mapping[str, EngineTask]:
    """Return what Slurm says of a job, by shard and `finish`: its queue first, then its accounts.

    Raises:
        LaunchError: Slurm is not there, or does not answer.
    """
    record = job.record
    names = (tasks_name(record), finish_name(record))
    queued = queued_tasks(*names)
    n_parts = record.n_shards + (record.finish is not None)
    if len(queued) >= n_parts:
        return queued
    return {**accounted_tasks(*names, since=record.created), **queued}


def live_tasks(record: JobRecord) -> dict[str, EngineTask]:
    """Return the tasks of a job that are still to end, by shard and `finish`.

    Raises:
        LaunchError: Slurm is not there, or does not answer.
    """
    queued = queued_tasks(tasks_name(record), finish_name(record))
    return {name: task for name, task in queued.items() if task.state != "ended"}


def cancel_on_slurm(job: JobFolder) -> bool:
    """End what is left of a job; say whether anything was.

    Raises:
        LaunchError: Slurm is not there, or refuses.
    """
    left = live_tasks(job.record)
    if left:
        run_slurm("scancel", sorted({task.number for task in left.values()}))
    return bool(left)
