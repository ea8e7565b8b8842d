"""The list of encoders on a screen of any width: a line of figures for each, and what to know."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from .console import console

if TYPE_CHECKING:
    from mmfeat.encoders.describing import EncoderDescription
    from mmfeat.encoders.options import WeightsSource

_INDENT = "    "
_MOST_SETS = 4
"""Training sets that are named; `show` has all."""
_HEADINGS = ("encoder", "body", "vector", "parameters", "weights")


def print_list(described: "Sequence[EncoderDescription]", broken: dict[str, str]) -> None:
    """Print what a user chooses by, then how to see more.

    Args:
        described: The encoders.
        broken: Encoders of other packages that cannot be used, each with the reason.
    """
    rows = [_figures(encoder) for encoder in described]
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    console.print(_aligned(_HEADINGS, widths), style="bold", soft_wrap=True)
    for encoder, row in zip(described, rows, strict=True):
        line = Text(_aligned(row, widths))
        line.stylize("bold", 0, len(encoder.name))
        console.print(line, soft_wrap=True)
        for detail in _details(encoder):
            wrapped = textwrap.fill(
                detail,
                console.width,
                initial_indent=_INDENT,
                subsequent_indent=f"{_INDENT}  ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            console.print(wrapped, style="dim", soft_wrap=True)
    for name, reason in broken.items():
        console.print(f"{name}: cannot be used: {reason}", soft_wrap=True)
    console.print()
    for hint in (
        "Recipe, options and all facts: mmfeat encoders show NAME",
        "Weights: mmfeat encoders fetch NAME; without a network add-weights NAME FILE",
    ):
        console.print(hint, soft_wrap=True)


def _figures(encoder: "EncoderDescription") -> tuple[str, ...]:
    facts, size = encoder.facts, encoder.embedding_size
    n_parameters = None if facts is None else facts.n_parameters
    return (
        encoder.name,
        "not stated" if facts is None else facts.body,
        "varies" if size is None else f"{size:,}",
        _parameters(n_parameters),
        _whether_here(encoder),
    )


def _parameters(n_parameters: int | None) -> str:
    if n_parameters is None:
        return "varies"
    return f"{n_parameters / 1e6:.1f} M" if n_parameters else "-"


def _whether_here(encoder: "EncoderDescription") -> str:
    source = encoder.weights_source
    if source is None:
        return "none"
    if encoder.here is not None:
        return "here"
    return "not here" if source.published or source.packages else "yours"


def _details(encoder: "EncoderDescription") -> list[str]:
    facts = encoder.facts
    lines = [encoder.input]
    if facts is not None:
        lines.append(f"{licences(facts.code_licence, facts.weights_licence)}")
        named, more = facts.trained_on[:_MOST_SETS], len(facts.trained_on) - _MOST_SETS
        sets = f"{', '.join(named)} and {more} more" if more > 0 else facts.training_sets
        lines.append(f"trained on: {sets}")
    if encoder.weights_source is not None and encoder.here is None:
        lines.append(f"weights: {_place(encoder.weights_source)}")
    if encoder.package is not None:
        lines.append(f"of the package {encoder.package}")
    return lines


def _place(source: "WeightsSource") -> str:
    """Return where weights are; of several files the usual one."""
    if source.packages or not source.published:
        return source.where
    first, *others = source.published
    more = " or elsewhere" if others else ""
    return f"{first.in_words}{more}"


def licences(code: str, weights: str) -> str:
    """Return both licences in one phrase.

    Example:
        >>> licences("MIT", "MIT"), licences("Apache-2.0", "-")
        ('licence: MIT, code and weights', 'licence: Apache-2.0')
    """
    if weights == "-":
        return f"licence: {code}"
    if code == weights:
        return f"licence: {code}, code and weights"
    return f"licence: code {code}; weights {weights}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return cells in columns: numbers to the right."""
    name, body, vector, parameters, weights = cells
    columns = (
        name.ljust(widths[0]),
        body.ljust(widths[1]),
        vector.rjust(widths[2]),
        parameters.rjust(widths[3]),
        weights,
    )
    return "  ".join(columns).rstrip()
