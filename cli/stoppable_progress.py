"""Let a stage that nobody asks between its steps stop at the next step it reports."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mmfeat.errors import Interrupted

if TYPE_CHECKING:
    from mmfeat.progress import Progress


class StoppableProgress:
    """Pass progress on, and raise Interrupted at the first report after a request to stop.

    Only for stages that put each file in place whole, so that a stop leaves nothing half done.
    """

    def __init__(self, progress: "Progress", should_stop: Callable[[], bool]) -> None:
        self._progress, self._should_stop = progress, should_stop

    def start(self, task: str, total: int) -> None:
        """Begin a task, unless asked to stop."""
        self._check()
        self._progress.start(task, total)

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Count steps, unless asked to stop."""
        self._progress.advance(steps, note)
        self._check()

    def _check(self) -> None:
        if self._should_stop():
            raise Interrupted("no result is written yet; run the same command again")
