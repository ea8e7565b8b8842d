"""The `#SBATCH` lines of a script: what its settings ask Slurm for."""

from pathlib import Path

from mmfeat.config.slurm import SlurmSettings
from mmfeat.errors import LaunchError


def directives(settings: SlurmSettings, *, name: str, log: str, folder: Path) -> list[str]:
    """Return the lines that tasks and the finishing job have in common.

    Args:
        settings: What is asked for.
        name: Of the job, as Slurm lists it.
        log: File that the script's output is appended to; may hold Slurm's own patterns.
        folder: Where the script runs.

    Raises:
        LaunchError: A path cannot be written into such a line.
    """
    return [
        _line("job-name", name),
        _line("chdir", quoted(str(folder))),
        _line("output", quoted(log)),
        _line("open-mode", "append"),
        _line("ntasks", "1"),
        _line("cpus-per-task", str(settings.cpus)),
        *_given("mem", settings.memory),
        *_given("time", settings.time),
        *_given("account", settings.account),
        *_given("qos", settings.qos),
        *_given("exclude", settings.exclude),
        *(f"#SBATCH {option}" for option in settings.sbatch),
    ]


def array_directives(settings: SlurmSettings, n_shards: int) -> list[str]:
    """Return the lines that make tasks of the script, one for each shard."""
    at_once = f"%{settings.max_at_once}" if settings.max_at_once is not None else ""
    return [
        _line("array", f"0-{n_shards - 1}{at_once}"),
        *_given("partition", settings.partition),
        *_given("gres", settings.gres),
        # The shell alone is told (B), and tells the worker; see the traps below.
        _line("signal", f"B:USR1@{settings.stop_before_s}"),
        "#SBATCH --requeue",
    ]


def finish_directives(settings: SlurmSettings) -> list[str]:
    """Return the lines that only the finishing job has."""
    return _given("partition", settings.finish_partition or settings.partition)


def quoted(path: str) -> str:
    """Return a path as one word of an `#SBATCH` line.

    Raises:
        LaunchError: It holds what such a line cannot.

    Example:
        >>> quoted("/data/my study/logs/%a.log")
        '"/data/my study/logs/%a.log"'
    """
    if not path.isprintable() or any(sign in path for sign in '"\\`$'):
        raise LaunchError(
            f"{path!r}: a path with line breaks, quotes, `\\` or `$` cannot be given to sbatch; "
            "choose another `launch.folder`"
        )
    return f'"{path}"'


def literally(path: Path) -> str:
    """Return a path in which Slurm sees none of its own patterns, such as `%a`."""
    return str(path).replace("%", "%%")


def _given(option: str, value: str | None) -> list[str]:
    return [] if value is None else [_line(option, value)]


def _line(option: str, value: str) -> str:
    return f"#SBATCH --{option}={value}"
