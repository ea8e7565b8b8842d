"""``mmfeat eval`` with `--launcher`: one task, for an evaluation is not cut into shards."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfeat.errors import ConfigError

from .launch_options import Launcher
from .launching import Launch, launch


def launch_evaluation(
    launcher: Launcher | None,
    places: Sequence[Path],
    overrides: Sequence[str],
    *,
    asked: Mapping[str, object],
    options: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> int:
    """Have a run evaluated elsewhere, and return the exit code of the command.

    Args:
        launcher: What is given by `--launcher`.
        places: The settings file; folders of runs are compared here.
        overrides: Settings of the command line.
        asked: What is given of the options that only make sense here, by name.
        options: Further words of the command line.
        dry_run: Only show what would be run.
        as_json: Show it for scripts.

    Raises:
        ConfigError: Options contradict each other, or the settings are wrong.
        LaunchError: The job cannot be launched.
    """
    if launcher is None:
        raise ConfigError("--dry-run: shows what a launcher would do; give --launcher with it")
    given = sorted(name for name, value in asked.items() if value)
    if given:
        raise ConfigError(
            f"--launcher: the results are not shown here, so leave out {', '.join(given)}; "
            "`mmfeat eval` on the run's folder shows them when the job has ended"
        )
    if len(places) != 1 or places[0].is_dir():
        raise ConfigError(
            "--launcher: evaluates the run of a settings file; runs that are evaluated are "
            "compared here, without it"
        )
    evaluation = Launch.of(
        "eval",
        places[0],
        overrides,
        options=options,
        finish=None,
        dry_run=dry_run,
        as_json=as_json,
    )
    return launch(launcher, evaluation)
