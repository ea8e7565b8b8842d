"""The command that does one share of a stage, or what comes after all of them."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmfeat.work_shard import WorkShard

StageCommand = Literal["extract", "train", "eval"]

THIS_PYTHON = (sys.executable, "-m", "mmfeat")
"""The program as this process runs it."""


@dataclass(frozen=True)
class StageCall:
    """What a user has asked for, without how it is to be launched."""

    command: StageCommand
    config: Path
    """The settings file, absolute: a worker may run in another folder."""
    overrides: tuple[str, ...] = ()
    """Settings of the command line, as `--set` takes them."""
    options: tuple[str, ...] = ()
    """Further words of the command line that every worker gets, such as `--retry-failed`."""


def command_line(
    call: StageCall,
    *,
    shard: WorkShard | str | None = None,
    state: Path | str | None = None,
    more: Sequence[str] = (),
    program: Sequence[str] = THIS_PYTHON,
) -> list[str]:
    """Return the words of a command.

    Args:
        call: The stage, its settings and options.
        shard: Which share; a text for what a shell is to fill in.
        state: Where the worker is to write how far it is.
        more: Options of this command alone, such as `--finish`.
        program: How mmfeat is started where the command is to run.

    Example:
        >>> call = StageCall("extract", Path("/data/mmfeat.yaml"), ("extract.workers=4",))
        >>> " ".join(command_line(call, shard=WorkShard(0, 4), program=["mmfeat"]))
        'mmfeat extract /data/mmfeat.yaml --set extract.workers=4 --shard 0/4'
    """
    words = [*program, call.command, str(call.config)]
    for override in call.overrides:
        words += ["--set", override]
    words += call.options
    if shard is not None:
        words += ["--shard", str(shard)]
    if state is not None:
        words += ["--state", str(state)]
    return [*words, *more]
