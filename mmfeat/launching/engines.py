"""Ask whatever runs a job how it stands, and have it ended, whichever launcher launched it."""

from mmfeat.errors import LaunchError
from mmfeat.launching.job_folder import CANCELLED, FINISH, JobFolder
from mmfeat.launching.job_view import JobView, view_job
from mmfeat.launching.launcher_process import launcher_tasks, stop_launcher
from mmfeat.launching.slurm.tasks import cancel_on_slurm, slurm_tasks


def look_at(job: JobFolder) -> JobView:
    """Return where a job stands; where its engine cannot be asked, by what its workers wrote."""
    if _is_all_done(job):
        return view_job(job, {})
    if job.record.launcher == "slurm":
        try:
            return view_job(job, slurm_tasks(job))
        except LaunchError as error:
            return view_job(job, None, f"{error}; what is shown is what workers wrote")
    tasks = launcher_tasks(job)
    note = (
        f"launched on {job.record.engine['host']}, where its launcher can be looked up; what is "
        "shown is what workers wrote"
    )
    return view_job(job, tasks, note if tasks is None else "")


def cancel(job: JobFolder) -> bool:
    """Have what is left of a job ended, each worker after what it is at; say if any was left.

    Raises:
        LaunchError: The engine cannot be asked, or refuses.
    """
    was_there = cancel_on_slurm(job) if job.record.launcher == "slurm" else stop_launcher(job)
    if was_there:
        job.note_engine(**{CANCELLED: True})
    return was_there


def _is_all_done(job: JobFolder) -> bool:
    parts = [*job.shards(), *([job.status(FINISH)] if job.record.finish is not None else [])]
    return all(part.state is not None and part.state.state == "done" for part in parts)
