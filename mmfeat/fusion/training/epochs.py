"""How far one network has come: its history, its best epoch, and when it is finished."""

import math
from dataclasses import dataclass, field

from mmfeat.fusion.training.network_jobs import EpochRecord, LoopOptions


@dataclass(frozen=True)
class Verdict:
    """Say how well a validation part is predicted: higher scores and lower losses are better."""

    score: float
    validation: float


@dataclass
class Epochs:
    """Follow the epochs of one network, and say which is the best and when to stop."""

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

    def start(self, verdict: Verdict) -> None:
        """Take the verdict on the weights before the first epoch."""
        self._record(0, math.nan, verdict)
        self._check(0, verdict.score, "score")
        if self.start_competes:
            self.best_score = verdict.score

    def add(self, loss: float, verdict: Verdict) -> bool:
        """Take an epoch's mean loss and verdict; say whether the weights are the best so far.

        A finished network may still be in its stack; its epochs no longer count.
        """
        if self.is_finished:
            return False
        epoch = self.epoch + 1
        self._record(epoch, loss, verdict)
        self._check(epoch, loss, "loss")
        self._check(epoch, verdict.score, "score")
        if self.failure is not None or verdict.score <= self.best_score:
            return False
        self.best_score, self.best_epoch = verdict.score, epoch
        return True

    @property
    def is_finished(self) -> bool:
        """Say whether there is nothing more to train."""
        return (
            self.failure is not None
            or self.epoch >= self.loop.epochs
            or self.epoch - self.best_epoch >= self.loop.patience
        )

    def _record(self, epoch: int, loss: float, verdict: Verdict) -> None:
        self.history.append({"epoch": epoch, "loss": loss, **vars(verdict)})

    def _check(self, epoch: int, value: float, what: str) -> None:
        if not math.isfinite(value) and self.failure is None:
            self.failure = f"the {what} of epoch {epoch} is {value}"
