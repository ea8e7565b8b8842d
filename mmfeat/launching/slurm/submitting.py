"""Hand a job to Slurm: an array of tasks for its shards, and a job that comes after all of them."""

from collections.abc import Sequence
from contextlib import suppress

from mmfeat.config.launching import LaunchSettings
from mmfeat.errors import LaunchError
from mmfeat.launching.job_folder import CANCELLED, FINISH, JobFolder
from mmfeat.launching.slurm.programs import run_slurm
from mmfeat.launching.slurm.script import FINISH_NAME, SUBMIT_NAME, JobScripts
from mmfeat.launching.slurm.tasks import live_tasks
from mmfeat.provenance import written_atomically

_DEFAULT_SHARDS = 8


def shards_of(settings: LaunchSettings) -> int:
    """Return how many shards a job has; where it is left to us, as many as may run at once."""
    if settings.shards != "auto":
        return settings.shards
    return settings.slurm.max_at_once or _DEFAULT_SHARDS


def write_scripts(job: JobFolder, scripts: JobScripts) -> None:
    """Put the scripts of a job into its folder.

    Raises:
        LaunchError: The folder cannot be written to, or a path cannot be given to sbatch.
    """
    _write(job, SUBMIT_NAME, scripts.submit())
    if scripts.in_shards:
        _write(job, FINISH_NAME, scripts.finish())


def submit(job: JobFolder, scripts: JobScripts, shards: Sequence[int]) -> str:
    """Hand shards of a job to Slurm, and what comes after them; return Slurm's number.

    Either both are in the queue afterwards or none is.

    Args:
        job: Its folder, with the scripts in it.
        scripts: Of the job.
        shards: Which to do, by number.

    Raises:
        LaunchError: Slurm refuses.
    """
    for shard in shards:
        (job.path / "state" / f"{shard}.stalled").unlink(missing_ok=True)
    at_once = scripts.settings.max_at_once
    limit = f"%{at_once}" if at_once is not None else ""
    array = f"--array={in_ranges(shards)}{limit}"
    submitted = ["--parsable", array, str(job.path / SUBMIT_NAME)]
    if not scripts.in_shards:
        number = _number(run_slurm("sbatch", submitted))
        job.note_engine(slurm_array=number, **{CANCELLED: False})
        return number
    number = _number(run_slurm("sbatch", ["--hold", *submitted]))
    try:
        if FINISH not in live_tasks(job.record):  # else it waits for these tasks, too
            submit_finish(job, f"--dependency=afterany:{number}")
        job.note_engine(slurm_array=number, **{CANCELLED: False})
        run_slurm("scontrol", ["release", number])
    except LaunchError:
        with suppress(LaunchError):  # the first refusal is what is told
            run_slurm("scancel", [number])
        raise
    return number


def submit_finish(job: JobFolder, *options: str) -> None:
    """Hand Slurm what comes after the shards of a job.

    Raises:
        LaunchError: Slurm refuses.
    """
    submitted = ["--parsable", *options, str(job.path / FINISH_NAME)]
    job.note_engine(slurm_finish=_number(run_slurm("sbatch", submitted)))


def in_ranges(numbers: Sequence[int]) -> str:
    """Return numbers as the indices of an array, neighbours together.

    Example:
        >>> in_ranges([0, 1, 2, 5, 7, 8])
        '0-2,5,7-8'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _number(said: str) -> str:
    """Read `123;cluster`, as sbatch --parsable says it."""
    return said.strip().partition(";")[0]


def _write(job: JobFolder, name: str, text: str) -> None:
    try:
        with written_atomically(job.path / name) as partial:
            partial.write_text(text, encoding="utf-8")
            partial.chmod(0o755)
    except OSError as error:
        raise LaunchError(
            f"{job.path / name}: cannot be written ({error.strerror}); mend the disk"
        ) from error
