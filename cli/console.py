"""What the commands show: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

console = Console(highlight=False)
"""For results."""
messages = Console(stderr=True, highlight=False)
"""For progress, warnings and errors."""

_UNSEEN = {
    sign: f"\\x{sign:02x}" for sign in (*range(32), *range(127, 160)) if chr(sign) not in "\n\t"
}
"""Control characters, which a terminal would obey, and what is shown instead."""


def harmless(text: str) -> str:
    r"""Return a text without signs that a terminal would obey, whoever wrote them into a table.

    Example:
        >>> harmless("\x1b[2Jgone")
        '\\x1b[2Jgone'
    """
    return text.translate(_UNSEEN)


def print_json(value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Print a value as one JSON document, for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def show_note(note: str) -> None:
    """Print a note on what is about to be done, above the bars that move."""
    messages.print(f"note: {harmless(note)}", markup=False, soft_wrap=True)


def show_lines(lines: Iterable[str]) -> None:
    """Print lines of a result as they are, but for signs that a terminal would obey."""
    for line in lines:
        console.print(harmless(line), markup=False, soft_wrap=True)


class ProgressBar:
    """Show a stage's progress with the time left, on standard error; a context manager."""

    def __init__(self, *columns: ProgressColumn) -> None:
        self._bars = Progress(*(columns or _steps()), console=messages)
        self._task: TaskID | None = None

    def start(self, task: str, total: int) -> None:
        """Begin a new bar."""
        self._task = self._bars.add_task(task, total=total, note="")

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move the newest bar."""
        if self._task is not None:
            self._bars.advance(self._task, steps)
            if note:
                self._bars.update(self._task, note=note)

    def __enter__(self) -> Self:
        """Begin to show the bars."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state of the bars on the screen."""
        with suppress(OSError):  # the terminal may have gone, and the work goes on without
            self._bars.stop()


def _steps() -> tuple[ProgressColumn, ...]:
    """Return the columns of work that is counted in steps; each bar has its own, as they cache."""
    return (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
