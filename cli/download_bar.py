"""Show how many bytes of a file have come, how fast, and the time left, on standard error."""

from contextlib import suppress
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from .console import messages


class DownloadBar:
    """Show the progress of one file after the other; a context manager."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=messages,
        )
        self._task: TaskID | None = None
        self._name = ""

    def start(self, task: str, total: int) -> None:
        """Begin a bar of bytes; the same task again, after a broken connection, begins it anew."""
        if task == "checking":  # takes seconds, and cannot tell how far it is
            self._task = None
            self._bars.console.print("checking the file: digest, and every tensor")
        elif self._task is not None and task == self._name:
            self._bars.reset(self._task, total=total)
        else:
            self._task = self._bars.add_task(task, total=total)
        self._name = task

    def advance(self, steps: int = 1, note: str = "") -> None:  # noqa: ARG002 - bytes need no note
        """Count bytes."""
        if self._task is not None:
            self._bars.advance(self._task, steps)

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
