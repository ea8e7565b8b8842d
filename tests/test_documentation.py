"""The documents name only commands and options that exist, and links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest
import typer
from mmfeat.cli.main import app
from typer.core import TyperCommand, TyperGroup

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENTS = [PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS += sorted((PROJECT / "docs").glob("**/*.md"))


def _commands() -> list[str]:
    found = set()
    for document in DOCUMENTS:
        text = document.read_text()
        for line in re.findall(
            r"^(?:    |\$ )+(mmfeat .*?)(?:\s{2,}.*|\s+#.*)?$", text, re.MULTILINE
        ):
            found.add(line)
        found.update(re.findall(r"`(mmfeat [a-z][^`\n]*)`", text))
    return sorted(found)


def _command(words: list[str]) -> TyperCommand | TyperGroup:
    """Return the command that a line names; the words after it are its arguments."""
    command = typer.main.get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup) or word.startswith("-"):
            break
        assert word in command.commands, f"`{word}` is no command of `{command.name}`"
        command = command.commands[word]
    return command


@pytest.mark.parametrize("line", _commands())
def test_every_command_in_the_documents_exists_with_its_options(line):
    words = shlex.split(line)[1:]
    command = _command(words)
    known = {name for option in command.params for name in option.opts + option.secondary_opts}
    asked = {word.split("=")[0] for word in words if word.startswith("--")}
    assert asked <= {*known, "--help"}, f"{asked - known} is not in `{command.name}`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
        assert (document.parent / target).exists(), target


def test_make_targets_named_in_the_readme_exist():
    makefile = (PROJECT / "Makefile").read_text()
    for target in set(
        re.findall(r"^ {4}make ([a-z]+)", (PROJECT / "README.md").read_text(), re.MULTILINE)
    ):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
