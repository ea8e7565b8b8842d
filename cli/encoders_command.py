"""``mmfeat encoders``: which encoders there are, and what each does to a scan."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import console, print_json, show_lines
from .encoders_list import licences, print_list
from .options import AsJson, RecipeFile, option_values

if TYPE_CHECKING:
    from rich.table import Table

    from mmfeat.encoders.describing import EncoderDescription
    from mmfeat.encoders.options import Option

encoders_app = typer.Typer(
    help="Show the frozen encoders and bring their weights.", invoke_without_command=True
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


@encoders_app.callback()
def encoders(context: typer.Context) -> None:
    """List the frozen encoders, show what each does to a scan, bring their weights.

    Without a command it is `mmfeat encoders list`.
    """
    if context.invoked_subcommand is None:
        list_encoders()


@encoders_app.command("list")
def list_encoders(
    body: Annotated[
        str | None,
        typer.Option(
            metavar="PART",
            help="Only those for a part of the body, such as chest, or for all of it.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the encoders that a modality of kind `volume` can name.

    Shows body part, size of the vector, parameters, input, licences, training sets, and
    whether the weights are on this machine or where else they are.

    Example: mmfeat encoders list --body chest
    """
    from mmfeat.encoders.describing import all_encoders, describe
    from mmfeat.errors import EncoderError

    described, broken = [], {}
    for name in all_encoders():
        try:
            described.append(describe(name))
        except EncoderError as error:  # of an installed package, or of what is remembered
            broken[name] = str(error)
    if body is not None:
        described = [encoder for encoder in described if encoder.is_for(body)]
    if as_json:
        faults = [{"name": name, "error": error} for name, error in broken.items()]
        print_json([*(encoder.to_json() for encoder in described), *faults])
    else:
        print_list(described, broken)


@encoders_app.command("show")
def show(
    name: EncoderName,
    given: GivenOptions = None,
    recipe_file: RecipeFile = None,
    as_json: AsJson = False,
) -> None:
    """Show an encoder's weights, options, and recipe: what is done to a scan, step by step.

    Example: mmfeat encoders show ct-fm --option recipe=card

    Example: mmfeat encoders show hub-folder --recipe-file tap-ct
    """
    from mmfeat.encoders import encoder_class
    from mmfeat.encoders.describing import describe
    from mmfeat.encoders.options import resolve_options

    kind = encoder_class(name, recipe_file)
    options = resolve_options(name, kind.options, option_values(given or []))
    described = describe(name, options, recipe_file=recipe_file)
    lacks_recipe = getattr(kind, "takes_recipe_file", False) and recipe_file is None
    recipe = None if lacks_recipe else kind.recipe_of(**options)
    if as_json:
        shown = {key: asdict(option) for key, option in kind.options.items()}
        used = {"options": shown, "options_of_recipe": options, "recipe": recipe}
        print_json(described.to_json() | used)
        return
    show_lines(_lines(described))
    rows = [
        (key, str(option.default), _values_in_words(option), option.meaning)
        for key, option in kind.options.items()
    ]
    console.print()
    console.print(_table("Options", ("option", "default", "values", "meaning"), rows))
    changed = [
        f"{key}={value}" for key, value in options.items() if value != kind.options[key].default
    ]
    console.print()
    if recipe is None:
        console.print("Recipe: that of --recipe-file; `mmfeat encoders recipes` lists examples")
        return
    heading = f"Recipe with {', '.join(changed) or 'the default options'}"
    console.print(heading, soft_wrap=True)
    console.print(_as_yaml(recipe), soft_wrap=True)


def _lines(described: "EncoderDescription") -> list[str]:
    """Return all but options and recipe."""
    facts, source = described.facts, described.weights_source
    size = described.embedding_size
    lines = [
        f"{described.name}: {described.summary}",
        f"  input: {described.input}",
        f"  size of the vector: {'varies' if size is None else size}",
    ]
    if facts is not None:
        n_parameters = facts.n_parameters
        used = "varies" if n_parameters is None else f"{n_parameters / 1e6:.2f} million"
        lines += [
            f"  part of the body: {facts.body}",
            f"  parameters that are used: {used}",
            f"  {licences(facts.code_licence, facts.weights_licence)}",
            f"  trained on: {facts.training_sets}",
            f"  checked with: {facts.verified}",
            *(f"  note: {note}" for note in facts.notes),
        ]
    lines.append(f"  weights: {described.weights_in_words}")
    if source is not None and described.weights_in_words != f"not here; {source.where}":
        lines.append(f"  published: {source.where}")
    if described.package is not None:
        lines.append(f"  of the package {described.package}")
    return lines


def _values_in_words(option: "Option") -> str:
    if option.choices:
        return ", ".join(str(choice) for choice in option.choices)
    kind = {str: "text", bool: "true, false", int: "whole number", float: "number"}
    smallest = "" if option.minimum is None else f" from {option.minimum:g}"
    return kind[type(option.default)] + smallest


def _as_yaml(recipe: Mapping[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(recipe, sort_keys=False, default_flow_style=None, width=10_000)
    return text.rstrip()


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> "Table":
    from rich.table import Table

    name, *others = headings
    table = Table(title=title, title_justify="left")
    table.add_column(name, no_wrap=True)
    for heading in others:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table
