"""The documents name only commands, options, programs and make targets that exist."""

import re

import pytest

from .commands import unknown_options
from .not_run import OTHER_PROGRAMS
from .pages import PAGES, PROJECT, name_of, read_page
from .shell_lines import Command, commands_of, parse

NO_COMMANDS = {"mmfeat feature shard"}  # the name of a format
_INLINE = re.compile(r"mmfeat [a-z][^`\n]*")
IN_BLOCKS = [
    command
    for page in PAGES
    for block in read_page(page).blocks
    if block.language == "sh"
    for command in commands_of(block)
]
IN_PROSE = [
    parse(name_of(page), code)
    for page in PAGES
    for code in read_page(page).inline_codes
    if _INLINE.fullmatch(code) and code not in NO_COMMANDS
]


def _of(program: str) -> list[Command]:
    return [command for command in IN_BLOCKS if command.program == program]


@pytest.mark.parametrize("page", sorted({one.page for one in _of("mmfeat") + IN_PROSE}))
def test_every_command_exists_with_its_options(page):
    for command in _of("mmfeat") + IN_PROSE:
        if command.page == page:
            unknown = unknown_options(command.words[1:])
            assert not unknown, f"`{command.line}`: {sorted(unknown)}"


def test_blocks_of_commands_start_only_programs_that_are_known_here():
    strange = {(command.page, command.line) for command in IN_BLOCKS} - {
        (command.page, command.line)
        for command in IN_BLOCKS
        if command.program in {"mmfeat", *OTHER_PROGRAMS}
    }
    assert not strange, f"neither mmfeat nor in OTHER_PROGRAMS of not_run.py: {sorted(strange)}"


def test_make_targets_exist():
    makefile = (PROJECT / "Makefile").read_text()
    named = {(command.page, command.words[1]) for command in _of("make")}
    named |= {
        (name_of(page), target)
        for page in PAGES
        for code in read_page(page).inline_codes
        for target in re.findall(r"^make ([a-z-]+)", code)
    }
    assert named
    missing = {one for one in named if not re.search(rf"^{one[1]}:", makefile, re.MULTILINE)}
    assert not missing


def test_programs_in_python_exist():
    """``python file.py`` of a page is a file of the project, or one that the page shows."""
    shown = {(block.page, block.file) for page in PAGES for block in read_page(page).blocks}
    for command in _of("python"):
        if command.words[1] == "-m":
            place = PROJECT / command.words[2].replace(".", "/")
            assert place.is_dir() or place.with_suffix(".py").exists(), command
        else:
            in_page = (command.page, command.words[1]) in shown
            assert in_page or (PROJECT / command.words[1]).exists(), command
