"""Options that several commands share, described once."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mmfeat.encoders.options import Value

ConfigFile = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="Settings file; paths in it are relative to it.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override one setting, e.g. --set train.epochs=20; repeatable.",
    ),
]
TrustCode = Annotated[
    bool,
    typer.Option(
        "--trust-code",
        help="Let an encoder run code that its weights bring (`exported`, `hub-folder`); only "
        "where you trust who made them.",
    ),
]
RecipeFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="How a network of your own is fed: a YAML file, or a name that `mmfeat encoders "
        "recipes` lists.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]

DEFAULT_CONFIG = Path("mmfeat.yaml")


def option_values(given: Sequence[str]) -> "dict[str, Value]":
    """Return the options of an encoder, each given as KEY=VALUE with a value in YAML.

    Raises:
        ConfigError: One is not written so.
    """
    from mmfeat.config.yaml_text import parse_yaml
    from mmfeat.errors import ConfigError

    values = {}
    for option in given:
        key, sign, text = option.partition("=")
        if not sign:
            raise ConfigError(f"--option {option}: must be KEY=VALUE, such as recipe=card")
        values[key.strip()] = parse_yaml(text, f"--option {option}")
    return values
