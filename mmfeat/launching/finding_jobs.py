"""Find a job by what a user calls it."""

from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.errors import LaunchError
from mmfeat.launching.job_folder import JOB_NAME, JobFolder, jobs_folder
from mmfeat.wording import first_few

_SHOWN = 5


def find_job(project: Project, called: str) -> JobFolder:
    """Open the job of a project whose name is, or holds, what it is called.

    Args:
        project: Whose settings name the folder of jobs.
        called: A name or a part of it that no other job has, such as its last four signs.

    Raises:
        LaunchError: None is called so, or several are.
    """
    folder = jobs_folder(project)
    names = sorted(file.parent.name for file in folder.glob(f"*/{JOB_NAME}"))
    fitting = [called] if called in names else [name for name in names if called in name]
    if len(fitting) == 1:
        return JobFolder.open(folder / fitting[0])
    if not fitting:
        there = f"; the newest there: {names[-1]}" if names else ", which has none yet"
        raise LaunchError(f"{called}: no job is called so in {folder}{there}")
    raise LaunchError(
        f"{called}: several jobs in {folder} are called so: {first_few(fitting, _SHOWN)}; "
        "give more of the name"
    )


def is_job_folder(path: Path) -> bool:
    """Say whether a path is the folder of a job."""
    return (path / JOB_NAME).is_file()
