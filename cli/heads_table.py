"""Show a training as it goes: a table that moves on a terminal, plain lines elsewhere."""

import time
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich import box
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .console import messages
from .heads_rows import HeadsRow, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmfeat.stages.training.head_order import HeadEpoch, HeadResult
    from mmfeat.stages.training.plan import HeadKey

_BESIDE_ROWS = 6
"""Lines of the screen that are not for rows of the table."""
_BETWEEN_LINES_S = 30.0


class HeadsShown:
    """Follow a training and show it; a context manager, and both watches of `train`."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str, str], HeadsRow] = {}
        self._task, self._total, self._done = "", 0, 0
        self._n_there, self._started = 0, time.monotonic()
        self._most_at_once = 1
        self._live: Live | None = None
        self._line_at = time.monotonic()

    def start(self, task: str, total: int) -> None:
        """Begin to count steps."""
        self._task, self._total, self._done = task, total, 0
        self._started = time.monotonic()

    def advance(self, steps: int = 1, note: str = "") -> None:  # noqa: ARG002 - rows say more
        """Count steps; elsewhere than on a terminal, print a line now and then."""
        self._done += steps
        if self._live is None and time.monotonic() - self._line_at > _BETWEEN_LINES_S:
            self._line_at = time.monotonic()
            messages.print(self._summary(), soft_wrap=True)

    def plan(self, heads: "Sequence[HeadKey]") -> None:
        """Make a row for each target, method and setting."""
        for key in heads:
            self._rows.setdefault(key.row, HeadsRow(*key.row)).n_heads += 1

    def epoch(self, key: "HeadKey", epoch: "HeadEpoch") -> None:
        """Note how far a head is."""
        self._rows[key.row].training[key.fold, key.seed] = epoch
        at_once = sum(len(row.training) for row in self._rows.values())
        self._most_at_once = max(self._most_at_once, at_once)

    def end(self, result: "HeadResult", *, there_already: bool) -> None:
        """Note what became of a head."""
        row = self._rows[result.key.row]
        row.end(result, there_already=there_already)
        self._n_there += there_already
        if self._live is None and row.n_left == 0 and row.seconds:
            messages.print(row.sentence(), soft_wrap=True)

    def __enter__(self) -> Self:
        """Begin to show."""
        if messages.is_terminal:
            self._live = Live(get_renderable=self._drawn, console=messages, refresh_per_second=4)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen."""
        if self._live is None:
            if self._total:
                messages.print(self._summary(), soft_wrap=True)
            return
        with suppress(OSError):  # the terminal may have gone, and the work goes on without
            self._live.stop()

    def _drawn(self) -> Group | Text:
        if not self._total:
            return Text("")
        with_settings = any(row.setting for row in list(self._rows.values()))
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for name in ("target", "method", *(["setting"] if with_settings else [])):
            table.add_column(name, overflow="fold")
        for name in ("heads", "validation"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_column("left", justify="right", no_wrap=True)
        table.add_column("in training", overflow="ellipsis", no_wrap=True)
        rows, n_hidden = self._shown_rows()
        for row in rows:
            setting = [row.setting] if with_settings else []
            left = duration(row.seconds_left / self._most_at_once) if row.seconds else ""
            table.add_row(
                row.target, row.method, *setting, row.counts, row.best_shown, left, row.in_training
            )
        more = [Text(f"{n_hidden} rows more that are finished or wait", "dim")] if n_hidden else []
        return Group(table, *more, Text(self._summary()))

    def _shown_rows(self) -> tuple[list[HeadsRow], int]:
        """Return the rows that fit the screen: those in training, then those that wait."""
        rows = list(self._rows.values())
        room = max(3, messages.height - _BESIDE_ROWS)
        if len(rows) <= room:
            return rows, 0
        chosen = sorted(rows, key=lambda row: row.urgency)[:room]
        return [row for row in rows if row in chosen], len(rows) - room

    def _summary(self) -> str:
        elapsed_s = time.monotonic() - self._started
        n_worked = self._done - self._n_there
        text = f"{self._task}: {self._done} of {self._total}, {duration(elapsed_s)} gone"
        if n_worked > 0 and self._done < self._total:
            left_s = elapsed_s * (self._total - self._done) / n_worked
            text += f", about {duration(left_s)} left"
        return text
