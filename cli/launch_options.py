"""Options that share a stage's work among processes: by hand, or by a launcher."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmfeat.work_shard import WorkShard


class Launcher(StrEnum):
    """Who runs the shards."""

    LOCAL = "local"
    RAY = "ray"
    SLURM = "slurm"


Shard = Annotated[
    str | None,
    typer.Option(
        metavar="I/N",
        help="Do share I of N, from 0 to N - 1, of the work; other processes do the others.",
    ),
]
Finish = Annotated[
    bool,
    typer.Option("--finish", help="After all shards: put together what they made; do no more."),
]
LaunchedBy = Annotated[
    Launcher | None,
    typer.Option(
        "--launcher",
        help="Have the work done by several processes, as the section `launch` of the settings "
        "says; `local`: on this machine, one for each GPU; `ray`: by a cluster of Ray; `slurm`: as "
        "a job array.",
    ),
]
StateFile = Annotated[
    Path | None,
    typer.Option("--state", hidden=True, help="Where to write how far this worker is."),
]
StopWithStdin = Annotated[
    bool,
    typer.Option(
        "--stop-with-stdin",
        hidden=True,
        help="Stop when standard input ends: the launcher that holds it has gone.",
    ),
]


def read_shard(text: str | None) -> "WorkShard | None":
    """Return the share that is asked for; None: all of the work.

    Raises:
        ConfigError: There is no such share.
    """
    from mmfeat.work_shard import WorkShard

    return None if text is None else WorkShard.parse(text)
