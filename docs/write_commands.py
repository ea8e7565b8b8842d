"""Write docs/commands.md, the reference of every command, from the help of the program itself.

Run as `python docs/write_commands.py`, or by `make docs`; a test says when the page is behind.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import typer
from mmfeat.cli.main import app
from typer.core import TyperCommand, TyperGroup

PAGE = Path(__file__).resolve().parent / "commands.md"
_INTRODUCTION = """\
# Every command

This page is made from `mmfeat COMMAND --help` by `docs/write_commands.py`; a test says when it is
behind.

Exit codes of all commands: 0 done, 2 you can mend it and one line says how, 3 finished but some
scans failed, 75 stopped with everything finished kept. Commands that take settings read
`mmfeat.yaml` in the present folder if no file is named; `--set KEY=VALUE` overrides one of its
settings. `mmfeat --debug COMMAND` shows the full traceback of an error.
"""
# How kinds of values are called on the page.
_KINDS = {" <int range>": " N", " <int>": " N", " <float range>": " X", " <path>": ""}
_EXAMPLES = re.compile(r"^Examples?: ?(.*)", re.DOTALL)


def commands_page() -> str:
    """Return the page."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    commands = list(_commands(group, ("mmfeat",)))
    names = [(" ".join(names), command) for names, command in commands]
    listed = [f"| [`{name}`](#{_anchor(name)}) | {_summary(command)} |" for name, command in names]
    table = "\n".join(["| command | |", "|---|---|", *listed])
    return "\n".join([_INTRODUCTION, table, "", *(_section(*one) for one in names)])


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _commands(
    group: TyperGroup, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], TyperCommand | TyperGroup]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            if command.callback is not None:
                yield (*names, name), command
            yield from _commands(command, (*names, name))
        elif isinstance(command, TyperCommand) and not command.hidden:
            yield (*names, name), command


def _summary(command: TyperCommand | TyperGroup) -> str:
    return _paragraphs(command)[0].replace("|", "\\|")


def _paragraphs(command: TyperCommand | TyperGroup) -> list[str]:
    parts = re.split(r"\n\s*\n", (command.help or "").replace("\b", "").strip())
    return [" ".join(part.split()) for part in parts]


def _section(name: str, command: TyperCommand | TyperGroup) -> str:
    context = typer.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", f"```text\n{usage}\n```", ""]
    for paragraph in _paragraphs(command):
        lines += [_EXAMPLES.sub(_as_code, paragraph), ""]
    rows = [
        f"| {_cell(record[0], code=True)} | {_cell(record[1])} |"
        for parameter in command.get_params(context)
        if "--help" not in parameter.opts and (record := parameter.get_help_record(context))
    ]
    return "\n".join([*lines, "| | |", "|---|---|", *rows, ""] if rows else lines)


def _as_code(found: re.Match[str]) -> str:
    """Return the examples of a help text as code, so that nothing in them is taken for markup."""
    parts = [part.strip(" .`") for part in re.split(r"[;]\s+(?=mmfeat )", found[1])]
    return "For example: " + ", ".join(f"`{part}`" for part in parts) + "."


def _cell(text: str, *, code: bool = False) -> str:
    text = " ".join(text.split()).replace("|", "\\|")
    for kind, short in _KINDS.items():
        text = text.replace(kind, short)
    return f"`{text}`" if code else text.replace("<", "\\<").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(commands_page())
