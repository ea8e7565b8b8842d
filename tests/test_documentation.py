"""The documents name only commands and options that exist, and links lead somewhere."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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


def _help(command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mmfeat", *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "200", "PATH": "/usr/bin:/bin"},
    )


@pytest.mark.parametrize("line", _commands())
def test_every_command_in_the_documents_exists_with_its_options(line):
    words = shlex.split(line)[1:]
    command = tuple(words[:2]) if words[0] in ("cache", "encoders", "config") else (words[0],)
    if command[0].startswith("-"):
        command = ()
    answer = _help(command)
    assert answer.returncode == 0, answer.stderr
    options = {word.split("=")[0] for word in words if word.startswith("--")}
    for option in options:
        assert re.search(rf"{re.escape(option)}\b", answer.stdout), f"{option} is not in {command}"


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
