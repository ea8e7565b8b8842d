"""Run a page from its top to its bottom, in a folder."""

import ast
import contextlib
import io
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ..in_process import run_mmfeat
from .not_run import EXPECTED_CODES, PYTHON_ARGUMENTS, reason_not_to_run
from .pages import Block
from .shell_lines import Command, commands_of
from .workshop import make_quick


@dataclass
class PageRun:
    """Hold what the blocks of a page leave for the next one."""

    folder: Path
    names: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    ran: list[str] = field(default_factory=list)
    """Commands, and places of blocks of Python, in their order."""
    faults: list[str] = field(default_factory=list)
    """Commands that did not end as they should, with what they said."""

    def run(self, block: Block) -> None:
        """Run a block, or write the file that it shows."""
        if block.file is not None:
            (self.folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / block.file).write_text(block.text)
        elif block.language == "python":
            self._run_python(block)
        elif block.language == "sh":
            for command in commands_of(block):
                self._run_command(command)

    def _run_python(self, block: Block) -> None:
        if reason_not_to_run(block.page, "python"):
            return
        arguments = [
            str(max(self.folder.glob(pattern), key=lambda path: path.stat().st_mtime))
            for pattern in PYTHON_ARGUMENTS.get(block.page, ())
        ]
        code = compile(ast.parse(block.text), block.place, "exec")
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()):
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["page.py", *arguments])
            exec(code, self.names)
        self.ran.append(block.place)

    def _run_command(self, command: Command) -> None:
        if command.program != "mmfeat" or reason_not_to_run(command.page, command.line):
            return
        self._make_ready(command)
        ended = run_mmfeat(*command.words[1:], folder=self.folder)
        wanted = EXPECTED_CODES.get((command.page, command.line), 0)
        if ended.code != wanted:
            told = f"ended with {ended.code}:\n{ended.out}{ended.err}"
            self.faults.append(f"{command.page}: `{command.line}` {told}")
        if command.output:
            (self.folder / command.output).write_text(ended.out)
        self.ran.append(command.line)

    def _make_ready(self, command: Command) -> None:
        """Bring about what somebody has who gets to this line."""
        words = command.words[1:]
        if words[0] == "init":  # whose command this is has nothing but a table
            for name in ("mmfeat.yaml", "splits.csv", "splits.rule.json"):
                (self.folder / name).unlink(missing_ok=True)
            for name in ("cache", "run", "model"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
        elif words[0] == "export" and not any(
            line.startswith("mmfeat export") for line in self.ran
        ):
            shutil.rmtree(self.folder / "model", ignore_errors=True)
        for settings in self.folder.glob("**/mmfeat.yaml"):
            make_quick(settings)
        if words[:2] == ("manifest", "make") and not (self.folder / words[3]).exists():
            variant = words[words.index("--variant") :][:2] if "--variant" in words else ()
            made = run_mmfeat("manifest", "sample", *words[2:4], *variant, folder=self.folder)
            assert made.code == 0, made.err
