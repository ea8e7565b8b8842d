"""Show the workers of a job as they go: one table that moves on a terminal, lines elsewhere."""

import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich import box
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .console import messages
from .heads_rows import duration

if TYPE_CHECKING:
    from mmfeat.launching.local.crew import Post, ShardEnd
    from mmfeat.launching.worker_state import WorkerState

_BETWEEN_LINES_S = 30.0
_BESIDE_ROWS = 5
"""Lines of the screen that are not for workers."""
_BAR_WIDTH = 30


class WorkersShown:
    """Follow the workers of a job and show them; a context manager, and the watch of a crew."""

    def __init__(self, n_shards: int) -> None:
        self._n_shards = n_shards
        self._posts: Sequence[Post] = ()
        self._n_ended = 0
        self._before: dict[int, WorkerState] = {}
        self._started = self._line_at = time.monotonic()
        self._live: Live | None = None

    def look(self, posts: "Sequence[Post]", ends: "Sequence[ShardEnd]") -> None:
        """Take note of who works; where there is no terminal, print a line now and then."""
        self._posts = posts
        for end in ends[self._n_ended :]:
            if end.state is not None:
                self._before[end.shard.index] = end.state
            if self._live is None:
                self._print(f"shard {end.shard}: {_end_in_words(end)}")
        self._n_ended = len(ends)
        if self._live is None and time.monotonic() - self._line_at > _BETWEEN_LINES_S:
            self._print(self._summary())

    def tell(self, note: str) -> None:
        """Print a note above the table."""
        self._print(note)

    def __enter__(self) -> Self:
        """Begin to show."""
        if messages.is_terminal:
            self._live = Live(get_renderable=self._screen, console=messages, refresh_per_second=2)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen."""
        with suppress(OSError):  # the terminal may have gone, and the work goes on without
            if self._live is not None:
                self._live.stop()
            else:
                self._print(self._summary())

    def _print(self, text: str) -> None:
        self._line_at = time.monotonic()
        with suppress(OSError):
            messages.print(text, soft_wrap=True)

    def _states(self) -> "list[WorkerState]":
        return [*self._before.values(), *(post.state for post in self._posts if post.state)]

    def _share_done(self) -> float:
        """Return how much of all shards is done; one that is not begun is as large as others."""
        working = [post.state.share_done for post in self._posts if post.state is not None]
        return (self._n_ended + sum(working)) / self._n_shards

    def _summary(self) -> str:
        states = self._states()
        n_done = sum(state.n_done for state in states)
        elapsed_s = time.monotonic() - self._started
        share = self._share_done()
        parts = [
            f"{self._n_ended} of {self._n_shards} shards",
            f"{n_done} of {sum(state.n_total for state in states)} steps",
            f"{n_done / elapsed_s:.2f}/s" if elapsed_s > 0 else "",
            duration(elapsed_s),
        ]
        if self._posts and 0 < share < 1:
            parts.append(f"about {duration(elapsed_s * (1 - share) / share)} left")
        return ", ".join(part for part in parts if part)

    def _screen(self) -> Group:
        bar = Table.grid()
        bar.add_row(ProgressBar(total=1.0, completed=self._share_done(), width=_BAR_WIDTH))
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for heading in ("worker", "shard"):
            table.add_column(heading, no_wrap=True)
        for heading in ("done", "of"):
            table.add_column(heading, justify="right")
        table.add_column("now", no_wrap=True, overflow="ellipsis")
        most = max(1, messages.size.height - _BESIDE_ROWS)
        for post in self._posts[:most]:
            table.add_row(post.place.name, str(post.shard), *_cells(post))
        more = len(self._posts) - most
        return Group(Text(self._summary()), bar, table, Text(f"{more} more" if more > 0 else ""))


def _cells(post: "Post") -> tuple[str, str, str]:
    again = ", second start" if post.n_starts > 1 else ""
    if post.state is None:
        return "", "", f"starts{again}"
    phase = post.state.phase or "looks for what there is to do"
    return str(post.state.n_done), str(post.state.n_total or ""), f"{phase}{again}"


def _end_in_words(end: "ShardEnd") -> str:
    state = end.state
    if end.exit_code is None or state is None:
        return "not begun"
    if state.state == "done":
        failed = f", {state.n_failed} failed" if state.n_failed else ""
        return f"done, {state.n_done} steps{failed}"
    if state.state == "stopped":
        return f"stopped, {state.n_done} of {state.n_total} steps"
    return f"failed: {state.message}"
