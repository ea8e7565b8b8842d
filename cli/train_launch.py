"""``mmfeat train`` with `--launcher`: what its workers are asked for."""

from collections.abc import Sequence
from pathlib import Path

from .launch_options import Launcher
from .launching import Launch, launch


def launch_training(
    launcher: Launcher,
    config: Path,
    overrides: Sequence[str],
    *,
    overwrite: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Have the heads trained by several processes, and return the exit code of the command.

    Raises:
        ConfigError: The settings are wrong.
        LaunchError: The job cannot be launched, or workers died.
        Interrupted: A stop was asked for.
    """
    from mmfeat.config.loading import load_project
    from mmfeat.launching.command_line import StageCall

    project = load_project(config, overrides)
    options = ("--overwrite",) if overwrite else ()
    call = StageCall("train", project.file, tuple(overrides), options)
    return launch(launcher, Launch(project, call, ("--finish",), dry_run=dry_run, as_json=as_json))
