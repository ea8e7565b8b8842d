"""Launch a stage on a cluster that Slurm runs: submit it, say so, and leave."""

import shutil
from typing import TYPE_CHECKING

import typer

from . import exit_codes
from .console import print_json, show_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmfeat.config.loading import Project
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.slurm.script import JobScripts

    from .launching import Launch


def launch_on_slurm(asked: "Launch") -> int:
    """Submit a stage as a job array, and return the exit code: nothing is waited for.

    Raises:
        LaunchError: Slurm refuses, or the folder of jobs cannot be written to.
    """
    from mmfeat.errors import LaunchError
    from mmfeat.launching.job_folder import JobFolder
    from mmfeat.launching.slurm.script import JobScripts
    from mmfeat.launching.slurm.submitting import shards_of, submit, write_scripts

    settings = asked.project.settings.launch
    job = JobFolder.planned(
        asked.project,
        asked.call,
        launcher="slurm",
        n_shards=1 if asked.finish is None else shards_of(settings),
        launch=settings.slurm.model_dump(mode="json"),
        finish=asked.finish,
    )
    scripts = JobScripts(job.record, job.path, settings.slurm)
    if asked.dry_run:
        _show_scripts(scripts, as_json=asked.as_json)
        return exit_codes.DONE
    job.make()
    try:
        write_scripts(job, scripts)
        submit(job, scripts, range(job.record.n_shards))
    except LaunchError:
        shutil.rmtree(job.path)  # nothing was submitted, so there is no such job
        raise
    show_submitted(job, as_json=asked.as_json)
    return exit_codes.DONE


def launch_again_on_slurm(
    job: "JobFolder", project: "Project", shards: "Sequence[int]", *, as_json: bool
) -> int:
    """Submit shards of an earlier job again, or only what comes after them if there are none.

    What Slurm is asked for is what the settings say now.

    Raises:
        LaunchError: Slurm refuses, or the folder of the job cannot be written to.
    """
    from mmfeat.launching.slurm.script import JobScripts
    from mmfeat.launching.slurm.submitting import submit, submit_finish, write_scripts

    scripts = JobScripts(job.record, job.path, project.settings.launch.slurm)
    write_scripts(job, scripts)
    if shards:
        submit(job, scripts, shards)
    else:
        submit_finish(job)
    show_submitted(job, as_json=as_json)
    return exit_codes.DONE


def show_submitted(job: "JobFolder", *, as_json: bool) -> None:
    """Print what Slurm calls a job, and how to look after it."""
    name, engine = job.record.job, job.record.engine
    if as_json:
        print_json({"job": name, "folder": str(job.path), **engine})
        return
    finish = engine.get("slurm_finish")
    after = f", and {finish} after all of them" if finish is not None else ""
    lines = (
        f"{name}: submitted to Slurm as {engine['slurm_array']}{after}; script, state and logs in "
        f"{job.path}",
        f"see how it goes: mmfeat jobs {name}",
        f"stop it: mmfeat jobs cancel {name}",
    )
    show_lines(lines)


def _show_scripts(scripts: "JobScripts", *, as_json: bool) -> None:
    texts = {"submit": scripts.submit()}
    if scripts.in_shards:
        texts["finish"] = scripts.finish()
    if as_json:
        print_json(texts)
        return
    for name, text in texts.items():
        typer.echo(f"# ==== {name}.sh ====\n{text}")
