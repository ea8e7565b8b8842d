"""What Slurm's accounts have of the tasks of a job, on clusters that keep any."""

from mmfeat.errors import LaunchError
from mmfeat.launching.engine_task import EngineTask
from mmfeat.launching.job_folder import FINISH
from mmfeat.launching.slurm.programs import run_slurm
from mmfeat.launching.slurm.queue import newest, task_of


def accounted_tasks(name: str, finish_name: str, *, since: str) -> dict[str, EngineTask]:
    """Return what Slurm's accounts have of a job, as ``queued_tasks``; nothing if it keeps none.

    Args:
        name: What Slurm calls the tasks of the shards.
        finish_name: What it calls the finishing job.
        since: When the job was made, ISO 8601.
    """
    arguments = ["--noheader", "--parsable2", "--allocations", f"--name={name},{finish_name}"]
    columns = "--format=JobName,JobID,State,NodeList,ExitCode"
    try:
        said = run_slurm("sacct", [*arguments, f"--starttime={since[:10]}", columns])
    except LaunchError:
        return {}  # accounts are kept by few clusters, and what is told without them is enough
    return read_accounts(said, finish_name)


def read_accounts(said: str, finish_name: str) -> dict[str, EngineTask]:
    """Read what `sacct --parsable2` says of the tasks of a job.

    Example:
        >>> line = "mmfeat-a|12_3|OUT_OF_MEMORY|node7|0:125"
        >>> read_accounts(line, "mmfeat-a-finish")["3"].reason
        'OUT_OF_MEMORY'
    """
    found = []
    for line in said.splitlines():
        of, number, state, nodes, code = line.split("|")
        how = state if code in ("0:0", "0:125") else f"{state}, exit code {code}"
        task = task_of(state.split()[0], number, how, nodes)
        found.append((FINISH if of == finish_name else number.partition("_")[2], task))
    return newest(found)
