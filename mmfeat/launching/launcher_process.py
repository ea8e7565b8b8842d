"""The process of a launcher that stays until its workers are done: is it there, and stop it."""

import os
import signal
import socket
from collections.abc import Mapping

from mmfeat.errors import LaunchError
from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import CANCELLED, FINISH, JobFolder
from mmfeat.process_identity import lives, start_of_process, this_machine


def launcher_mark() -> dict[str, str | int]:
    """Return by what this process can be found again, for ``JobFolder.note_engine``.

    A job that was cancelled and is launched again is no longer a cancelled one.
    """
    pid = os.getpid()
    return {
        "host": socket.gethostname(),
        "pid": pid,
        "machine": this_machine(),
        "process": start_of_process(pid),
        CANCELLED: False,
    }


def launcher_lives(job: JobFolder) -> bool | None:
    """Say whether the launcher of a job still runs; None where it cannot be looked up."""
    engine = job.record.engine
    if "pid" not in engine:
        return False  # it ended before it had begun
    return lives(str(engine["machine"]), int(engine["pid"]), str(engine["process"]))


def launcher_tasks(job: JobFolder) -> Mapping[str, EngineTask] | None:
    """Return what a launcher still has to do, as an engine would say it.

    Returns:
        A task for each shard that is being done or waits for it, none if the launcher has gone;
        None where that cannot be told.
    """
    alive = launcher_lives(job)
    if alive is None:
        return None
    if not alive:
        return {}
    tasks = {}
    place = str(job.record.engine["host"])
    parts = [*job.shards(), *([job.status(FINISH)] if job.record.finish is not None else [])]
    for part in parts:
        if part.state is None:
            tasks[part.name] = EngineTask("pending", place=place)
        elif not part.state.has_ended:
            tasks[part.name] = EngineTask("running", str(part.state.pid), place=part.state.host)
    return tasks


def stop_launcher(job: JobFolder) -> bool:
    """Ask a launcher to stop, which asks its workers; say whether it was there to be asked.

    Raises:
        LaunchError: It runs on another machine, or is another user's.
    """
    alive = launcher_lives(job)
    engine = job.record.engine
    if alive is None:
        raise LaunchError(f"{job.record.job}: was launched on {engine['host']}; cancel it there")
    if alive:
        try:
            os.kill(int(engine["pid"]), signal.SIGTERM)
        except PermissionError as error:
            raise LaunchError(
                f"{job.record.job}: process {engine['pid']} is another user's, who can cancel it"
            ) from error
    return alive
