"""One call of training: what is the same for all heads, what is counted, what is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmfeat.errors import Interrupted, TrainError
from mmfeat.progress import Progress
from mmfeat.stages.training.choosing import Choice, choices_to_json
from mmfeat.stages.training.head_order import HeadOrder, HeadResult
from mmfeat.stages.training.ledger import Ledger
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.plan import HeadKey, n_encoders_of


@dataclass(frozen=True)
class TrainReport:
    """Say what was trained."""

    run: Path
    n_trained: int
    n_finished_before: int
    targets: tuple[str, ...]
    methods: tuple[str, ...]
    n_folds: int
    n_processes: int
    """Processes that trained heads at the same time."""
    elapsed_s: float
    seconds_per_head: dict[str, float]
    """Mean seconds of each method's heads that were trained now."""
    seconds_per_encoder: dict[str, float]
    """The same of record encoders that were fitted now."""
    failures: tuple[HeadResult, ...]
    """Heads that could not be trained, and why."""
    choices: tuple[Choice, ...]
    """Which setting of the grid each fold takes; empty where there is none to choose."""
    notes: tuple[str, ...]
    """What was left out, and why."""
    found: tuple[str, ...] = ()
    """What only the trained heads tell."""
    shard: str = ""
    """Which share of the heads these are, such as `0/4`; empty: all of them."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            **vars(self),
            "run": str(self.run),
            "failures": failures_to_json(self.failures),
            "choices": choices_to_json(self.choices),
        }


def failures_to_json(failures: tuple[HeadResult, ...]) -> list[dict[str, Any]]:
    """Return heads that failed as plain JSON values."""
    return [
        {
            "target": one.key.target,
            "method": one.key.label,
            "setting": one.key.setting.label,
            "fold": one.key.fold,
            "seed": one.key.seed,
            "reason": one.failure,
        }
        for one in failures
    ]


@dataclass(frozen=True)
class TrainingSession:
    """Hold what is the same for all heads, and count them."""

    opened: OpenRun
    device: str
    progress: Progress
    should_stop: Callable[[], bool]
    overwrite: bool
    ledger: Ledger
    heads: frozenset[HeadKey]
    """Which heads of the plan this call is for."""
    encoder_seconds: dict[str, list[float]] = field(default_factory=dict)
    orders: dict[str, HeadOrder] = field(default_factory=dict)
    """The heads that were not there yet, by their name."""

    @property
    def n_encoders(self) -> int:
        """Number of record encoders that these heads are trained with."""
        return n_encoders_of(self.heads)


@contextmanager
def told_what_is_kept(session: TrainingSession) -> Iterator[None]:
    """Say what is kept when a signal stops the work."""
    try:
        yield
    except Interrupted as stop:
        raise Interrupted(
            f"{session.ledger.n_finished} of {session.ledger.n_heads} heads are finished and "
            "kept; run the same command to go on"
        ) from stop


@contextmanager
def told_where(target: str, fold: int) -> Iterator[None]:
    """Say in an error where it happened."""
    try:
        yield
    except TrainError as error:
        raise TrainError(f"target `{target}`, fold {fold}: {error}") from error
