"""A folder for what is needed for a short time only, never larger than was asked for."""

import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Self

from mmfeat.provenance import abandoned_partials, file_system_time_s, owner_mark


class Ticket:
    """A place in the queue for room."""


class ScratchFolder:
    """Give out folders of a known size within a bound; a context manager, safe between threads.

    Room is given in the order of the tickets: whoever holds room came before all who wait, and can
    go on without them. The folder is readable by its owner alone. What processes left that were
    killed is removed by the next one, of another machine's or container's after a day.

    Example:
        >>> import tempfile
        >>> with ScratchFolder(Path(tempfile.mkdtemp()), most_bytes=100) as scratch:
        ...     with scratch.room(scratch.ticket(), 60) as folder:
        ...         _ = (folder / "a.txt").write_text("for now")
        ...     list(scratch.path.iterdir())
        []
    """

    def __init__(self, root: Path, *, most_bytes: int) -> None:
        self.path = root / f".mmfeat.{owner_mark()}.partial"
        self._root, self._most_bytes = root, most_bytes
        self._used_bytes = 0
        self._queue: deque[Ticket] = deque()
        self._changed = Condition()
        self._is_closed = False
        self._names = count()

    def __enter__(self) -> Self:
        """Make the folder.

        Raises:
            OSError: It cannot be made.
        """
        self._root.mkdir(parents=True, exist_ok=True)
        for left in abandoned_partials(self._root, file_system_time_s(self._root)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
        self.path.mkdir(mode=0o700)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove everything, and send away those who wait."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is wanted in it."""
        return self._is_closed

    def close(self) -> None:
        """Give no more room; whoever waits for some gets none."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def ticket(self) -> Ticket:
        """Join the queue; each ticket is to be used for ``room``, or handed to ``forget``."""
        ticket = Ticket()
        with self._changed:
            self._queue.append(ticket)
        return ticket

    def forget(self, ticket: Ticket) -> None:
        """Leave the queue."""
        with self._changed:
            if ticket in self._queue:
                self._queue.remove(ticket)
                self._changed.notify_all()

    @contextmanager
    def room(self, ticket: Ticket, n_bytes: int) -> Iterator[Path | None]:
        """Give an empty folder for so many bytes, and remove it when the block ends.

        Waits until it is the ticket's turn and there is room. None: more is asked for than the
        folder may ever hold, or it is closed.

        Raises:
            OSError: No folder can be made.
        """
        if not self._take(ticket, n_bytes):
            yield None
            return
        folder = self.path / str(next(self._names))
        try:
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            with self._changed:
                self._used_bytes -= n_bytes
                self._changed.notify_all()

    def _take(self, ticket: Ticket, n_bytes: int) -> bool:
        try:
            with self._changed:
                if n_bytes > self._most_bytes:
                    return False
                self._changed.wait_for(lambda: self._is_closed or self._fits(ticket, n_bytes))
                if self._is_closed:
                    return False
                self._used_bytes += n_bytes
                return True
        finally:
            self.forget(ticket)

    def _fits(self, ticket: Ticket, n_bytes: int) -> bool:
        return self._queue[0] is ticket and self._used_bytes + n_bytes <= self._most_bytes
