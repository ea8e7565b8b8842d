"""The commands of a block that holds shell commands, and of prose."""

import re
import shlex
from dataclasses import dataclass
from string import Template

from .pages import Block

# What a scheduler sets, where a page shows it.
SET_BY_SCHEDULERS = {"SLURM_ARRAY_TASK_ID": "0", "JOB_COMPLETION_INDEX": "0"}
_COMMENT = re.compile(r"(^|\s+)#(\s.*)?$")
_VARIABLE = re.compile(r"[A-Z_]+=")


@dataclass(frozen=True)
class Command:
    """One line of a shell."""

    page: str
    line: str
    words: tuple[str, ...]
    """Without variables that are set before it, and without what follows ``>``."""
    output: str | None = None
    """The file that its output goes to."""

    @property
    def program(self) -> str:
        """The first word."""
        return self.words[0]


def commands_of(block: Block) -> list[Command]:
    """Return the commands of a block, lines that end in a backslash joined."""
    joined = block.text.replace("\\\n", " ")
    lines = [_COMMENT.sub("", line).strip().removeprefix("$ ") for line in joined.splitlines()]
    return [parse(block.page, line) for line in lines if line]


def parse(page: str, line: str) -> Command:
    """Return a line as a command."""
    words = shlex.split(Template(line).safe_substitute(SET_BY_SCHEDULERS))
    while len(words) > 1 and _VARIABLE.match(words[0]):
        words = words[1:]
    output = None
    if ">" in words:
        place = words.index(">")
        words, output = words[:place], words[place + 1]
    return Command(page, line, tuple(words), output)
