"""The commands that the program really has."""

from functools import cache

import typer
from mmfeat.cli.main import app
from typer.core import TyperCommand, TyperGroup


@cache
def _program() -> TyperGroup:
    program = typer.main.get_command(app)
    assert isinstance(program, TyperGroup)
    return program


def command_named(words: tuple[str, ...]) -> TyperCommand | TyperGroup:
    """Return the command that the words after ``mmfeat`` name; those after it are its arguments."""
    command: TyperCommand | TyperGroup = _program()
    for word in words:
        if not isinstance(command, TyperGroup) or word.startswith("-"):
            break
        assert word in command.commands, f"`{word}` is no command of `{command.name}`"
        command = command.commands[word]
    return command


def unknown_options(words: tuple[str, ...]) -> set[str]:
    """Return the options among the words after ``mmfeat`` that their command does not have."""
    command = command_named(words)
    known = {name for option in command.params for name in option.opts + option.secondary_opts}
    return {word.split("=")[0] for word in words if word.startswith("--")} - {*known, "--help"}
