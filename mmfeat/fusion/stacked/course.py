"""How far one head has come: its history, its best epoch, and when it is finished."""

import math
from dataclasses import dataclass, field

from mmfeat.fusion.fitting import EpochRecord, LoopOptions


@dataclass
class Course:
    """Follow the epochs of one head, as `fit_network` does for a network alone."""

    loop: LoopOptions
    start_competes: bool
    best_score: float = -math.inf
    best_epoch: int = 0
    history: list[EpochRecord] = field(default_factory=list)
    failure: str | None = None

    @property
    def epoch(self) -> int:
        """Return the last finished epoch; 0 before the first."""
        return len(self.history) - 1

    def start(self, score: float) -> None:
        """Take the score of the weights before the first epoch."""
        self.history.append({"epoch": 0, "loss": math.nan, "score": score})
        self._check(0, score, "score")
        if self.start_competes:
            self.best_score = score

    def add(self, loss: float, score: float) -> bool:
        """Take an epoch's mean loss and score; say whether the weights are the best so far.

        A finished head may still be in its stack; its epochs no longer count.
        """
        if self.is_finished:
            return False
        epoch = self.epoch + 1
        self.history.append({"epoch": epoch, "loss": loss, "score": score})
        self._check(epoch, loss, "loss")
        self._check(epoch, score, "score")
        if self.failure is not None or score <= self.best_score:
            return False
        self.best_score, self.best_epoch = score, epoch
        return True

    @property
    def is_finished(self) -> bool:
        """Say whether there is nothing more to train."""
        return (
            self.failure is not None
            or self.epoch >= self.loop.epochs
            or self.epoch - self.best_epoch >= self.loop.patience
        )

    def _check(self, epoch: int, value: float, what: str) -> None:
        if not math.isfinite(value) and self.failure is None:
            self.failure = f"the {what} of epoch {epoch} is {value}"
