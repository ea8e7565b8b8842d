"""Show how many bytes of a file have come, how fast, and the time left, on standard error."""

from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from .console import ProgressBar


class DownloadBar(ProgressBar):
    """Show the progress of one file after the other; a context manager."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._name = ""

    def start(self, task: str, total: int) -> None:
        """Begin a bar of bytes; the same task again, after a broken connection, begins it anew."""
        if task == "checking":  # takes seconds, and cannot tell how far it is
            self._task = None
            self._bars.console.print("checking the file: digest, and every tensor")
        elif self._task is not None and task == self._name:
            self._bars.reset(self._task, total=total)
        else:
            super().start(task, total)
        self._name = task
