"""What the commands show: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import ProgressColumn, TaskID

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


class PlainConsole(Console):
    """Show every text as it is, in lines as in cells of tables: ids, names of files, reasons.

    None of them is markup, none names an emoji, and none does anything to the terminal.
    """

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - those of rich
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render_str(self, text: str, **how: Any) -> Text:  # noqa: ANN401 - as rich declares it
        """Make a plain string something that can be shown, at the width it will have."""
        return super().render_str(harmless(text), **how)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Yield what is written, but for what moves bars, without signs that a terminal obeys."""
        for segment in super().render(renderable, options):
            plain = segment.text if segment.control else harmless(segment.text)
            yield segment if plain == segment.text else Segment(plain, segment.style)


console = PlainConsole()
"""For results."""
messages = PlainConsole(stderr=True)
"""For progress, warnings and errors."""


def print_json(value: Any) -> None:  # noqa: ANN401 - anything JSON can hold
    """Print a value as one JSON document, for scripts."""
    sys.stdout.write(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def show_note(note: str) -> None:
    """Print a note on what is about to be done, above the bars that move."""
    messages.print(f"note: {note}", soft_wrap=True)


def show_lines(lines: Iterable[str]) -> None:
    """Print lines of a result, however long each is."""
    for line in lines:
        console.print(line, soft_wrap=True)


class ProgressBar:
    """Show a stage's progress with the time left, on standard error; a context manager."""

    def __init__(self, *columns: "ProgressColumn") -> None:
        from rich.progress import Progress  # takes time that commands without a bar need not wait

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


def _steps() -> "tuple[ProgressColumn, ...]":
    """Return the columns of work that is counted in steps; each bar has its own, as they cache."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
