"""What has become of the heads of a training so far, and whoever watches it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mmfeat.progress import Progress
from mmfeat.stages.training.head_order import HeadEpoch, HeadResult
from mmfeat.stages.training.plan import HeadKey


class HeadsWatch(Protocol):
    """Be told of every head of a training."""

    def plan(self, heads: Sequence[HeadKey]) -> None:
        """Take the names of all heads, those that are there already among them."""

    def epoch(self, key: HeadKey, epoch: HeadEpoch) -> None:
        """Take how far a head is; not of every epoch."""

    def end(self, result: HeadResult, *, there_already: bool) -> None:
        """Take what became of a head."""


class NobodyWatches:
    """Show nothing."""

    def plan(self, heads: Sequence[HeadKey]) -> None:
        """Ignore the plan."""

    def epoch(self, key: HeadKey, epoch: HeadEpoch) -> None:
        """Ignore an epoch."""

    def end(self, result: HeadResult, *, there_already: bool) -> None:
        """Ignore a head."""


@dataclass
class Ledger:
    """Count heads, and tell of them."""

    progress: Progress
    watch: HeadsWatch
    n_heads: int
    """Of the plan."""
    before: list[HeadResult] = field(default_factory=list)
    """Heads that were there already."""
    trained: list[HeadResult] = field(default_factory=list)
    failed: list[HeadResult] = field(default_factory=list)
    _since: float | None = None

    @property
    def n_finished(self) -> int:
        """Number of heads that are in their places."""
        return len(self.before) + len(self.trained)

    def there_already(self, key: HeadKey, validation: float | None) -> None:
        """Count a head that need not be trained."""
        result = HeadResult(key, 0.0, validation)
        self.before.append(result)
        self.watch.end(result, there_already=True)
        self.progress.advance(note=f"{key.name}: there already")

    def begin(self) -> None:
        """Note the time at which the first head is begun."""
        if self._since is None:
            self._since = time.monotonic()

    def epoch(self, key: HeadKey, epoch: HeadEpoch) -> None:
        """Pass on how far a head is."""
        self.watch.epoch(key, epoch)

    def end(self, result: HeadResult) -> None:
        """Count a head that was trained, or failed."""
        (self.trained if result.failure is None else self.failed).append(result)
        self.watch.end(result, there_already=False)
        failed = "" if result.failure is None else ": failed"
        self.progress.advance(note=f"{result.key.name}{failed}")

    def seconds_left(self) -> float:
        """Guess how long one process would need for the rest, from what the heads took so far.

        Before the first head is finished, each is taken to need as long as it has taken by now.
        """
        if self._since is None:
            return 0.0
        done = self.trained + self.failed
        n_left = self.n_heads - len(self.before) - len(done)
        if done:
            return n_left * sum(one.seconds for one in done) / len(done)
        return n_left * (time.monotonic() - self._since)
