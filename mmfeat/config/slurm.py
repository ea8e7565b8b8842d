"""Settings of `--launcher slurm`: what the cluster is asked for, and how a task is set up there."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeInt, PositiveInt, model_validator

from mmfeat.config.base import StrictModel

_DAYS = re.compile(r"(\d+)-(\d+)(?::(\d+))?(?::(\d+))?")
_CLOCK = re.compile(r"(\d+)(?::(\d+))?(?::(\d+))?")


def _one_word(value: str) -> str:
    if not value or re.search(r"[\s\"'`\\$;&|<>()]", value):
        raise ValueError("must be one word as sbatch takes it, without blanks or quotes")
    return value


def _one_line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError("must be one line of text; write several lines as a list")
    return value


def _sbatch_option(value: str) -> str:
    if not value.startswith("-"):
        raise ValueError("must be an option of sbatch, such as `--mail-type=END`")
    return _one_line(value)


def _limit(value: str) -> str:
    time_limit_s(value)
    return _one_word(value)


Word = Annotated[str, AfterValidator(_one_word)]
"""A value of one of sbatch's options."""
Line = Annotated[str, AfterValidator(_one_line)]
"""A line that is written into the script as it is, in the language of the shell."""


class SlurmSettings(StrictModel):
    """How `--launcher slurm` asks for its tasks: what sbatch calls a job array."""

    partition: Word | None = None
    """Partition of the tasks; the cluster's own choice if not given."""
    finish_partition: Word | None = None
    """Partition of the finishing job, which needs no GPU; that of the tasks if not given."""
    account: Word | None = None
    """Account that pays."""
    qos: Word | None = None
    """Quality of service."""
    gres: Word | None = None
    """What each task needs beside cores and memory, such as `gpu:1`."""
    cpus: PositiveInt = 4
    """Cores of each task; there are as many reading threads."""
    memory: Word | None = None
    """Memory of each task, such as `32G`."""
    time: Annotated[str, AfterValidator(_limit)] | None = None
    """Time limit of each task, as Slurm writes it: `90` minutes, `12:00:00`, `2-00`. A task that
    reaches it is begun again, and goes on from there."""
    stop_before_s: Annotated[int, Field(ge=1, le=65535)] = 120
    """Seconds before the time limit at which a task is asked to stop and to keep what it has."""
    restarts: NonNegativeInt = 3
    """How many times in a row a task may be begun again after it did not finish a single step
    (a scan, a head), before it is left as it is."""
    exclude: Word | None = None
    """Nodes that are not to be used, such as `node7,gpu[01-03]`."""
    max_at_once: PositiveInt | None = None
    """Most tasks that run at the same time; as many as the cluster lets if not given."""
    sbatch: list[Annotated[str, AfterValidator(_sbatch_option)]] = []
    """Further options of sbatch, for the tasks and the finishing job, such as
    `--mail-type=END`."""
    setup: list[Line] = []
    """Lines of shell that set up a task, such as `module load apptainer`."""
    container: Line | None = None
    """What the command is put behind, such as `apptainer exec --nv image.sif`, or
    `srun --container-image=image.sqsh`."""
    program: Line | None = None
    """How mmfeat is started there: `mmfeat` in a container, else the Python that runs now."""

    @model_validator(mode="after")
    def _check_time(self) -> "SlurmSettings":
        limit_s = None if self.time is None else time_limit_s(self.time)
        if limit_s is not None and self.stop_before_s >= limit_s:
            raise ValueError(
                f"stop_before_s: {self.stop_before_s} s is no less than the time limit, "
                f"`time: {self.time}`"
            )
        return self


def time_limit_s(text: str) -> int | None:
    """Return a time limit as Slurm writes it in seconds; None is no limit.

    Raises:
        ValueError: Slurm would not understand it.

    Example:
        >>> time_limit_s("90"), time_limit_s("1:30:00"), time_limit_s("2-12")
        (5400, 5400, 216000)
    """
    if text.lower() in ("unlimited", "infinite"):
        return None
    if match := _DAYS.fullmatch(text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    elif match := _CLOCK.fullmatch(text):
        given = [int(part) for part in match.groups() if part is not None]
        days = 0
        hours, minutes, seconds = given if len(given) == 3 else (0, *given, 0)[:3]
    else:
        raise ValueError(
            f"`{text}` is no time of Slurm, such as `90` (minutes), `12:00:00`, `2-00`"
        )
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
