"""Hand a stage to a launcher, which has its shares done by several processes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from mmfeat.errors import LaunchError

from .launch_options import Launcher

if TYPE_CHECKING:
    from mmfeat.config.loading import Project
    from mmfeat.launching.command_line import StageCall, StageCommand


@dataclass(frozen=True)
class Launch:
    """What a launcher is asked for."""

    project: "Project"
    call: "StageCall"
    finish: tuple[str, ...] | None
    """Options of the command that comes after all shards, such as `--finish`; None: nothing does,
    and the command is not cut into shards."""
    dry_run: bool = False
    """Only show what would be run."""
    as_json: bool = False

    @classmethod
    def of(
        cls,
        command: "StageCommand",
        config: Path,
        overrides: Sequence[str],
        *,
        options: Sequence[str] = (),
        finish: tuple[str, ...] | None,
        dry_run: bool,
        as_json: bool,
    ) -> Self:
        """Ask for a stage of a settings file, which is read.

        Raises:
            ConfigError: The settings are wrong.
        """
        from mmfeat.config.loading import load_project
        from mmfeat.launching.command_line import StageCall

        project = load_project(config, overrides)
        call = StageCall(command, project.file, tuple(overrides), tuple(options))
        return cls(project, call, finish, dry_run=dry_run, as_json=as_json)


def launch(launcher: Launcher, asked: Launch) -> int:
    """Have a stage done by a launcher, and return the exit code of the command.

    Raises:
        LaunchError: It cannot be launched, or workers died.
        Interrupted: A stop was asked for.
    """
    _refuse_secrets(asked.call.overrides)
    match launcher:
        case Launcher.LOCAL:
            from .local_launch import launch_here

            return launch_here(asked)
        case Launcher.RAY:
            from .ray_launch import launch_on_ray

            return launch_on_ray(asked)
        case Launcher.SLURM:
            from .slurm_launch import launch_on_slurm

            return launch_on_slurm(asked)


def _refuse_secrets(overrides: Iterable[str]) -> None:
    """Refuse a signed address on the command line: all of that is kept in the folder of the job."""
    for override in overrides:
        if re.search(r"https?://[^\s?]*\?", override):
            key = override.partition("=")[0]
            raise LaunchError(
                f"--set {key}: what comes after the `?` of an address may be a secret, and would "
                "be kept in the folder of the job; write it into the settings file"
            )
