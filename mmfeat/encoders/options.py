"""The options of an encoder: what each means, which values it takes, how given ones are checked."""

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass

from mmfeat.errors import EncoderError
from mmfeat.weights_store.published import PublishedFile

Value = str | int | float | bool


@dataclass(frozen=True)
class Option:
    """One option; its type is that of its default."""

    default: Value
    meaning: str
    choices: tuple[Value, ...] = ()
    """All values it takes, when they can be listed."""
    minimum: float | None = None


PRECISION = Option(
    "float32",
    "`float32`, without TF32; `bfloat16`: faster on a GPU, features agree to about two digits",
    choices=("float32", "bfloat16"),
)
"""The option of encoders that may run in mixed precision; it belongs to the recipe."""


@dataclass(frozen=True)
class WeightsSource:
    """Say where an encoder's weights come from."""

    where: str
    licence: str
    file_needed: bool
    """Whether the user gives the file."""
    file_taken: bool = False
    """Whether a file may be given where none is needed, since packages carry the weights."""
    is_folder: bool = False
    """Whether what is given is a folder, and not a file."""
    published: tuple[PublishedFile, ...] = ()
    """The files, any one of which will do; the first is the usual one."""
    packages: tuple[str, ...] = ()
    """Names by which packages that carry the weights are imported; all of them are needed."""


def resolve_options(
    encoder: str, options: Mapping[str, Option], given: Mapping[str, Value]
) -> dict[str, Value]:
    """Return the value of every option: the given one, or else its default.

    Raises:
        EncoderError: An option does not exist, or a value is not of its type or range.
    """
    for name in given:
        if name not in options:
            raise EncoderError(
                f"encoder {encoder}: unknown option `{name}`; {_hint(name, options)}"
            )
    return {
        name: _checked(encoder, name, option, given[name]) if name in given else option.default
        for name, option in options.items()
    }


def nearest(name: str, known: Mapping[str, object]) -> str:
    """Return a hint such as `did you mean `recipe`? ` for a misspelt name, or nothing.

    Example:
        >>> nearest("recpie", {"recipe": 1, "overlap": 2})
        'did you mean `recipe`? '
    """
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`? " if near else ""


def _hint(name: str, options: Mapping[str, Option]) -> str:
    if not options:
        return "it has none"
    return f"{nearest(name, options)}It has: {', '.join(options)}"


def _checked(encoder: str, name: str, option: Option, value: Value) -> Value:
    place = f"encoder {encoder}: option `{name}`"
    if isinstance(option.default, float) and type(value) is int:
        value = float(value)
    if type(value) is not type(option.default):
        kind = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}
        raise EncoderError(f"{place} must be {kind[type(option.default)]}, got `{value}`")
    if isinstance(value, float) and not math.isfinite(value):
        raise EncoderError(f"{place} must be a finite number, got `{value}`")
    if option.choices and value not in option.choices:
        known = ", ".join(f"`{choice}`" for choice in option.choices)
        raise EncoderError(f"{place} must be one of {known}, got `{value}`")
    if option.minimum is not None and not value >= option.minimum:  # type: ignore[operator]  # a number
        raise EncoderError(f"{place} must be at least {option.minimum:g}, got `{value}`")
    return value
