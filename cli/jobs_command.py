"""``mmfeat jobs``: how jobs stand; do again what is left of one; end one."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import console, print_json
from .options import DEFAULT_CONFIG, AsJson, Overrides

if TYPE_CHECKING:
    from mmfeat.launching.job_folder import JobFolder

_RETRY, _CANCEL = "retry", "cancel"


def jobs(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[retry | cancel] [JOB]",
            help="A job's name, or a part of it, or its folder; without one, all jobs.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path,
        typer.Option("--config", metavar="CONFIG", help="Settings file whose jobs are meant."),
    ] = DEFAULT_CONFIG,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Show the jobs that `--launcher` has made, and where each of their shards stands.

    `retry` has those shards done again that stopped or failed, and no others.
    `cancel` ends what is left of a job; what is finished is kept.

    Examples: mmfeat jobs; mmfeat jobs 3f2a;
    mmfeat jobs retry 3f2a --set launch.slurm.memory=64G
    """
    action, called = _read(words or [])
    _check_overrides(overrides or [])
    if called is None:
        _list(config, overrides or [], as_json=as_json)
        return
    job = _find(called, config, overrides or [])
    if action == _RETRY:
        raise typer.Exit(_retry(job, overrides or [], as_json=as_json))
    if action == _CANCEL:
        _cancel(job, as_json=as_json)
    else:
        _show(job, as_json=as_json)


def _read(words: Sequence[str]) -> tuple[str | None, str | None]:
    """Return what is to be done, and what the job is called."""
    from mmfeat.errors import LaunchError

    action = words[0] if words and words[0] in (_RETRY, _CANCEL) else None
    called = list(words if action is None else words[1:])
    if action is not None and not called:
        raise LaunchError(f"mmfeat jobs {action}: name the job; `mmfeat jobs` lists them")
    if len(called) > 1:
        raise LaunchError(
            f"mmfeat jobs {' '.join(words)}: give one job, after `{_RETRY}` or `{_CANCEL}` if it "
            "is to be done again or ended"
        )
    return action, called[0] if called else None


def _check_overrides(overrides: Sequence[str]) -> None:
    """Refuse settings that say what is to be done, which was said when the job was launched."""
    from mmfeat.errors import ConfigError

    for override in overrides:
        if not override.startswith("launch."):
            raise ConfigError(
                f"--set {override}: a job does what it was launched for, so only settings in "
                "`launch` can be given here; launch a new job for others"
            )


def _find(called: str, config: Path, overrides: Sequence[str]) -> "JobFolder":
    from mmfeat.config.loading import load_project
    from mmfeat.launching.finding_jobs import find_job, is_job_folder
    from mmfeat.launching.job_folder import JobFolder

    if is_job_folder(Path(called)):
        return JobFolder.open(Path(called).absolute())
    return find_job(load_project(config, overrides), called)


def _list(config: Path, overrides: Sequence[str], *, as_json: bool) -> None:
    from mmfeat.config.loading import load_project
    from mmfeat.launching.engines import look_at
    from mmfeat.launching.job_folder import JobFolder, jobs_folder

    from .jobs_screen import show_jobs

    project = load_project(config, overrides)
    views = [look_at(job) for job in JobFolder.all(project)]
    if as_json:
        print_json([view.to_json() for view in views])
    else:
        show_jobs(views, jobs_folder(project))


def _show(job: "JobFolder", *, as_json: bool) -> None:
    from mmfeat.launching.engines import look_at

    from .jobs_screen import show_job

    view = look_at(job)
    if as_json:
        print_json(view.to_json())
    else:
        show_job(view)


def _cancel(job: "JobFolder", *, as_json: bool) -> None:
    from mmfeat.launching.engines import cancel

    was_there = cancel(job)
    name = job.record.job
    if as_json:
        print_json({"job": name, "cancelled": was_there})
    elif was_there:
        _say(f"{name}: asked to stop; what is finished is kept. mmfeat jobs retry {name} goes on")
    else:
        _say(f"{name}: nothing of it runs or waits")


def _retry(job: "JobFolder", overrides: Sequence[str], *, as_json: bool) -> int:
    """Have done again what is left of a job, by the launcher that it was launched with."""
    from mmfeat.config.loading import load_project
    from mmfeat.errors import LaunchError
    from mmfeat.launching.engines import look_at

    record, view = job.record, look_at(job)
    if not view.is_to_be_done_again:
        _say(f"{record.job}: {'nothing has failed so far' if view.is_live else 'all is done'}")
        return exit_codes.DONE
    project = load_project(Path(record.config), [*record.overrides, *overrides])
    if record.launcher == "slurm":
        from .slurm_launch import launch_again_on_slurm

        return launch_again_on_slurm(job, project, view.unfinished, as_json=as_json)
    if view.is_live:
        raise LaunchError(
            f"{record.job}: its launcher still runs; wait for its end, or cancel it first"
        )
    if record.launcher == "ray":
        from .ray_launch import launch_again_on_ray

        return launch_again_on_ray(job, project, view.unfinished)
    from .local_launch import launch_again_here

    return launch_again_here(job, project, view.unfinished)


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
