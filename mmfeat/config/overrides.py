"""Settings given on the command line: `--set train.epochs=20`."""

from collections.abc import Sequence
from typing import Any

from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import ConfigError


def apply_overrides(settings: dict[Any, Any], overrides: Sequence[str]) -> dict[str, str]:
    """Put the overrides into settings as read from YAML, in place; the last of a key counts.

    Returns:
        Dotted key to the override that gave it.

    Raises:
        ConfigError: An override is not ``KEY=VALUE``, or leads through something that has no keys.

    Example:
        >>> settings = {"train": {"epochs": 5}}
        >>> apply_overrides(settings, ["train.epochs=20", "cohort.split.folds=3"])["train.epochs"]
        'train.epochs=20'
        >>> settings
        {'train': {'epochs': 20}, 'cohort': {'split': {'folds': 3}}}
    """
    given = {}
    for override in overrides:
        key, sign, text = override.partition("=")
        key = key.strip()
        steps = key.split(".")
        if not sign or not all(steps):
            raise ConfigError(
                f"--set {override}: must be KEY=VALUE with a dotted key, such as train.epochs=20"
            )
        _put(settings, steps, parse_yaml(text, f"--set {override}"), override)
        given[key] = override
    return given


def _put(settings: dict[Any, Any], steps: list[str], value: Any, override: str) -> None:  # noqa: ANN401 - as in YAML
    group = settings
    while len(steps) > 1:
        name, steps = _next_name(group, steps)
        if not steps:  # the whole rest is one name with dots in it
            steps = [name]
            break
        below = group.get(name)
        if below is None:
            below = group[name] = {}
        if not isinstance(below, dict):
            raise ConfigError(
                f"--set {override}: `{name}` is a value without keys below it; set it as a whole"
            )
        group = below
    group[steps[0]] = value


def _next_name(group: dict[Any, Any], steps: list[str]) -> tuple[str, list[str]]:
    """Take the longest run of steps that is a name in the group: names may have dots in them."""
    for n_steps in range(len(steps), 1, -1):
        name = ".".join(steps[:n_steps])
        if name in group:
            return name, steps[n_steps:]
    return steps[0], steps[1:]
