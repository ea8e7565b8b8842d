"""What a training would do: which heads there are to be, and where and how they are trained."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.config.loading import Project
from mmfeat.config.record_variants import record_variants
from mmfeat.stages.cohort import open_cohort, open_folds
from mmfeat.stages.record_encoders import check_record_encoders
from mmfeat.stages.training.device import most_processes, training_device
from mmfeat.stages.training.head_order import UNFINISHED
from mmfeat.stages.training.plan import HeadKey, n_encoders_of, plan_training
from mmfeat.stages.training.shard_heads import heads_of_shard
from mmfeat.work_shard import WorkShard


@dataclass(frozen=True)
class PlannedRow:
    """Count the heads of one target, method and setting."""

    target: str
    method: str
    setting: str
    n_heads: int
    n_there: int
    """Heads that the run has, of whatever they were made from: training checks that."""


@dataclass(frozen=True)
class DryRun:
    """Say what a training would do."""

    run: Path
    rows: tuple[PlannedRow, ...]
    n_folds: int
    n_encoders: int
    """Record encoders that would be fitted or read."""
    n_unfinished: int
    """Networks that were interrupted in the middle of their training, and go on from there."""
    device: str
    most_processes: int
    notes: tuple[str, ...]
    shard: str = ""
    """Which share of the heads would be trained; empty: all of them."""

    @property
    def n_heads(self) -> int:
        """Number of heads of the plan."""
        return sum(row.n_heads for row in self.rows)

    @property
    def n_there(self) -> int:
        """Number of heads that the run has."""
        return sum(row.n_there for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as plain JSON values."""
        return {
            **vars(self),
            "run": str(self.run),
            "rows": [vars(row) for row in self.rows],
            "n_heads": self.n_heads,
            "n_there": self.n_there,
        }


def dry_run(project: Project, *, shard: WorkShard | None = None) -> DryRun:
    """Plan a training without opening features; nothing is written.

    Args:
        project: The project.
        shard: Count the heads of this share alone.

    Raises:
        MmfeatError: The settings, the cohort or its splits cannot be used.
    """
    settings = project.settings.train
    check_record_encoders(project)
    cohort = open_cohort(project)
    folds = open_folds(project, cohort, save=False)
    variants = record_variants(project.settings.modalities)
    plan = plan_training(settings, cohort, len(folds), variants)
    run, device = project.path(settings.run), training_device(settings.device)
    by_row: dict[tuple[str, str, str], list[HeadKey]] = {}
    keys = tuple(plan.all_heads() if shard is None else heads_of_shard(plan, shard))
    for key in keys:
        by_row.setdefault(key.row, []).append(key)
    return DryRun(
        run=run,
        rows=tuple(
            PlannedRow(*row, len(keys), sum(_is_there(key, run) for key in keys))
            for row, keys in by_row.items()
        ),
        n_folds=len(folds),
        n_encoders=n_encoders_of(keys),
        n_unfinished=len(list((run / UNFINISHED).glob("*.safetensors"))),
        device=device,
        most_processes=min(
            max(1, len(keys)),
            most_processes(
                device, n_cases=len(cohort), n_heads=plan.n_heads, workers=settings.workers
            ),
        ),
        notes=plan.notes,
        shard="" if shard is None else str(shard),
    )


def _is_there(key: HeadKey, run: Path) -> bool:
    return (key.folder(run) / "head.json").is_file()
