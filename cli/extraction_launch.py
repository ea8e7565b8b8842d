"""``mmfeat extract`` with `--launcher`: what its workers are asked for, and what does not fit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmfeat.errors import ConfigError

from .launch_options import Launcher
from .launching import Launch, launch


def check_combination(
    asked: Mapping[str, object], *, shard: str | None, finish: bool, launcher: Launcher | None
) -> None:
    """Refuse options that contradict each other.

    Args:
        asked: What is given of the options that narrow the work down, by name.
        shard: What is given by `--shard`.
        finish: Whether `--finish` is.
        launcher: What is given by `--launcher`.

    Raises:
        ConfigError: They do.
    """
    given = {name for name, value in asked.items() if value}
    if finish and launcher is not None:
        raise ConfigError("--finish: a launcher does this by itself when all shards are done")
    others = (given - {"--only"}) | ({"--shard"} if shard is not None else set())
    if finish and others:
        raise ConfigError(
            f"--finish: comes after all shards; leave out {', '.join(sorted(others))}"
        )
    if launcher is not None and shard is not None:
        raise ConfigError(
            "--launcher: gives every worker its shard; leave out --shard, or set `launch.shards`"
        )
    if launcher is not None and "--limit" in given:
        raise ConfigError("--limit: counts within one process; leave it out with --launcher")


def launched_options(
    only: Sequence[str] | None, *, retry_failed: bool, trust_code: bool
) -> tuple[str, ...]:
    """Return the options that every worker gets; files of cases can be found from any folder."""
    words = []
    for pattern in only or ():
        words += ["--only", f"@{Path(pattern[1:]).absolute()}" if pattern[:1] == "@" else pattern]
    words += ["--retry-failed"] if retry_failed else []
    words += ["--trust-code"] if trust_code else []
    return tuple(words)


def launch_extraction(
    launcher: Launcher,
    config: Path,
    overrides: Sequence[str],
    *,
    options: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> int:
    """Have the scans embedded by several processes, and return the exit code of the command.

    Raises:
        ConfigError: The settings are wrong.
        LaunchError: The job cannot be launched, or workers died.
        Interrupted: A stop was asked for.
    """
    asked = Launch.of(
        "extract",
        config,
        overrides,
        options=options,
        finish=("--finish", *(word for word in options if word != "--retry-failed")),
        dry_run=dry_run,
        as_json=as_json,
    )
    return launch(launcher, asked)
