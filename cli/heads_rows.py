"""A row of the table of a training: the heads of one target, method and setting."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mmfeat.wording import first_and_more

if TYPE_CHECKING:
    from mmfeat.stages.training.head_order import HeadEpoch, HeadResult

_SHOWN_HEADS = 3


@dataclass(eq=False)
class HeadsRow:
    """Count the heads of one target, method and setting."""

    target: str
    method: str
    setting: str
    n_heads: int = 0
    n_done: int = 0
    n_failed: int = 0
    best: float | None = None
    """The lowest validation loss of a head."""
    seconds: list[float] = field(default_factory=list)
    """Of each head that was trained now."""
    training: "dict[tuple[int, int], HeadEpoch]" = field(default_factory=dict)
    """How far the heads in training are, by fold and seed."""

    def end(self, result: "HeadResult", *, there_already: bool) -> None:
        """Count a head."""
        self.training.pop((result.key.fold, result.key.seed), None)
        if not there_already:
            self.seconds.append(result.seconds)
        if result.failure is not None:
            self.n_failed += 1
            return
        self.n_done += 1
        if result.validation is not None:
            self.best = (
                result.validation if self.best is None else min(self.best, result.validation)
            )

    @property
    def n_left(self) -> int:
        """Number of heads that are still to be trained."""
        return self.n_heads - self.n_done - self.n_failed

    @property
    def counts(self) -> str:
        """Heads done of all, and those that failed."""
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        return f"{self.n_done}/{self.n_heads}{failed}"

    @property
    def best_shown(self) -> str:
        """The best validation loss, if there is one."""
        return "" if self.best is None else f"{self.best:.4f}"

    @property
    def seconds_left(self) -> float:
        """Return how long the rest would take one process."""
        return self.n_left * sum(self.seconds) / len(self.seconds)

    @property
    def in_training(self) -> str:
        """Say how far the heads in training are."""
        going = sorted(self.training.items())
        names = [
            f"{fold}.{seed} {one.network} {one.epoch}/{one.most_epochs}"
            for (fold, seed), one in going
        ]
        return first_and_more(names, _SHOWN_HEADS)

    @property
    def urgency(self) -> tuple[bool, bool]:
        """Return what rows are sorted by: those in training first, finished ones last."""
        return not self.training, not self.n_left

    def sentence(self) -> str:
        """Say that the row is finished."""
        setting = f" {self.setting}" if self.setting else ""
        best = f", best validation loss {self.best_shown}" if self.best_shown else ""
        failed = f", {self.n_failed} failed" if self.n_failed else ""
        counts = f"{self.n_done} of {self.n_heads} heads{failed}"
        return f"{self.target} {self.method}{setting}: {counts}{best}"


def duration(seconds: float) -> str:
    """Return a time as hours, minutes and seconds.

    Example:
        >>> duration(3723.4)
        '1:02:03'
    """
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
