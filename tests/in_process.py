"""Run the program in this process, without waiting for Python and torch to start."""

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from mmfeat.cli import console, exit_codes, main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


def run_mmfeat(*arguments: object, folder: Path, columns: int = 120) -> Ended:
    """Run ``mmfeat ARGUMENTS`` in a folder, for fixtures of any scope."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr("sys.argv", ["mmfeat", *map(str, arguments)])
        patch.setattr(console.console, "width", columns)
        patch.setattr(console.messages, "width", columns)
        with pytest.raises(SystemExit) as end:
            main.main()
    return Ended(end.value.code or exit_codes.DONE, out.getvalue(), err.getvalue())
