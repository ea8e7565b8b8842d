"""``mmfeat encoders``: which encoders there are, and what each does to a scan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import console, print_json
from .options import AsJson, option_values

if TYPE_CHECKING:
    from rich.table import Table

    from mmfeat.encoders.options import WeightsSource

encoders_app = typer.Typer(
    help="Show the frozen encoders, their weights, options and recipes.", no_args_is_help=True
)

EncoderName = Annotated[
    str, typer.Argument(metavar="NAME", help="One of those that `mmfeat encoders list` shows.")
]
GivenOptions = Annotated[
    list[str] | None,
    typer.Option(
        "--option",
        metavar="KEY=VALUE",
        help="Show the recipe under this option, e.g. --option recipe=card; repeatable.",
    ),
]


@encoders_app.command("list")
def list_encoders(as_json: AsJson = False) -> None:
    """List the encoders that a modality of kind `volume` can name, and what each needs.

    Example: mmfeat encoders list --json
    """
    from mmfeat.encoders import ENCODERS

    described = [_described(name) for name in ENCODERS]
    if as_json:
        print_json(described)
        return
    rows = []
    for encoder in described:
        file_needed, _, licence = _weights_in_words(encoder["weights"])
        size = str(encoder["embedding_size"])
        rows.append((encoder["name"], encoder["summary"], size, file_needed, licence))
    headings = ("encoder", "what it is", "size", "file needed", "licence of the weights")
    console.print(_table("Encoders", headings, rows))
    console.print("Where the weights are:")
    for encoder in described:  # not in the table, where an address would be broken
        _, where, _ = _weights_in_words(encoder["weights"])
        console.print(f"  {encoder['name']}: {where}", markup=False, soft_wrap=True)


@encoders_app.command("show")
def show(name: EncoderName, given: GivenOptions = None, as_json: AsJson = False) -> None:
    """Show an encoder's weights, options, and recipe: what is done to a scan, step by step.

    Example: mmfeat encoders show ct-fm --option recipe=card
    """
    from mmfeat.encoders import encoder_class
    from mmfeat.encoders.options import resolve_options

    kind = encoder_class(name)
    options = resolve_options(name, kind.options, option_values(given or []))
    facts = getattr(kind, "facts", None)  # of encoders whose recipe is data
    shown = _described(name) | {
        "facts": None if facts is None else asdict(facts),
        "options": {
            key: {
                "default": option.default,
                "choices": list(option.choices),
                "minimum": option.minimum,
                "meaning": option.meaning,
            }
            for key, option in kind.options.items()
        },
        "options_of_recipe": options,
        "recipe": kind.recipe_of(**options),
    }
    if as_json:
        print_json(shown)
    else:
        _print_encoder(shown)


def _described(name: str) -> dict[str, Any]:
    from mmfeat.encoders import encoder_class

    kind = encoder_class(name)
    source: WeightsSource | None = kind.weights_source
    return {
        "name": name,
        "summary": kind.summary,
        "embedding_size": kind.embedding_size,
        "weights": None if source is None else vars(source),
    }


def _weights_in_words(weights: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return whether a file is needed, where the weights are, and their licence."""
    if weights is None:
        return "no", "none needed", "-"
    return "yes" if weights["file_needed"] else "no", weights["where"], weights["licence"]


def _print_encoder(shown: Mapping[str, Any]) -> None:
    file_needed, where, licence = _weights_in_words(shown["weights"])
    for line in (
        f"{shown['name']}: {shown['summary']}",
        f"  embedding size, by default: {shown['embedding_size']}",
        f"  weights: {where}",
        f"  licence: {licence}",
        f"  file needed: {file_needed}",
    ):
        console.print(line, markup=False, soft_wrap=True)
    if shown["facts"] is not None:
        _print_facts(shown["facts"])
    rows = [
        (name, str(option["default"]), _values_in_words(option), option["meaning"])
        for name, option in shown["options"].items()
    ]
    console.print()
    console.print(_table("Options", ("option", "default", "values", "meaning"), rows))
    console.print()
    console.print(_recipe_heading(shown), markup=False, soft_wrap=True)
    console.print(_as_yaml(shown["recipe"]), markup=False, soft_wrap=True)


def _print_facts(facts: Mapping[str, Any]) -> None:
    for line in (
        f"  licence of the code: {facts['code_licence']}",
        f"  part of the body: {facts['body']}",
        f"  parameters that are used: {facts['n_parameters'] / 1e6:.2f} million",
        f"  trained on: {', '.join(facts['trained_on']) or 'nothing'}",
        f"  checked with: {facts['verified']}",
        *(f"  note: {note}" for note in facts["notes"]),
    ):
        console.print(line, markup=False, soft_wrap=True)


def _values_in_words(option: Mapping[str, Any]) -> str:
    if option["choices"]:
        return ", ".join(str(choice) for choice in option["choices"])
    kind = {str: "text", bool: "true, false", int: "whole number", float: "number"}
    smallest = "" if option["minimum"] is None else f" from {option['minimum']:g}"
    return kind[type(option["default"])] + smallest


def _recipe_heading(shown: Mapping[str, Any]) -> str:
    changed = [
        f"{name}={value}"
        for name, value in shown["options_of_recipe"].items()
        if value != shown["options"][name]["default"]
    ]
    return f"Recipe with {', '.join(changed) or 'the default options'}"


def _as_yaml(recipe: Mapping[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(recipe, sort_keys=False, default_flow_style=None, width=10_000)
    return text.rstrip()


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    name, *others = headings
    table = Table(title=title, title_justify="left")
    table.add_column(name, no_wrap=True)
    for heading in others:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table
