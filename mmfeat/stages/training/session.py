"""One call of training: what is the same for all heads, what is counted, what is told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmfeat.config.loading import Project
from mmfeat.errors import Interrupted, TrainError
from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import FitOptions
from mmfeat.manifest.cohort import Cohort
from mmfeat.progress import Progress
from mmfeat.stages.training.plan import HeadKey, TrainingPlan


@dataclass(frozen=True)
class TrainReport:
    """Say what was trained."""

    run: Path
    n_trained: int
    n_finished_before: int
    targets: tuple[str, ...]
    methods: tuple[str, ...]
    n_folds: int
    elapsed_s: float
    seconds_per_head: dict[str, float]
    """Mean seconds of each method's heads that were trained now."""
    seconds_per_encoder: dict[str, float]
    """The same of record encoders that were fitted now."""
    notes: tuple[str, ...]
    """What was left out, and why."""

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {**vars(self), "run": str(self.run)}


@dataclass(frozen=True)
class TrainingSession:
    """Hold what is the same for all heads, and count them."""

    project: Project
    run: Path
    cohort: Cohort
    table: FeatureTable
    plan: TrainingPlan
    options: FitOptions
    device: str
    progress: Progress
    should_stop: Callable[[], bool]
    overwrite: bool
    seconds: dict[str, list[float]] = field(default_factory=dict)
    encoder_seconds: dict[str, list[float]] = field(default_factory=dict)
    finished_before: list[HeadKey] = field(default_factory=list)

    @property
    def n_finished_before(self) -> int:
        """Number of heads that were there already."""
        return len(self.finished_before)


@contextmanager
def told_where(session: TrainingSession, target: str, fold: int) -> Iterator[None]:
    """Say in an error where it happened, and what is kept when a signal stops the work."""
    try:
        yield
    except Interrupted as stop:
        n_finished = session.n_finished_before + sum(map(len, session.seconds.values()))
        raise Interrupted(
            f"{n_finished} of {session.plan.n_heads} heads are finished and kept; "
            "run the same command to go on"
        ) from stop
    except TrainError as error:
        raise TrainError(f"target `{target}`, fold {fold}: {error}") from error
