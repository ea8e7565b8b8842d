"""Which heads a project asks for: targets x methods x folds x seeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.learning import TrainSettings
from mmfeat.config.record_variants import NO_RECORD, RecordVariant, method_labels
from mmfeat.errors import TrainError
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions, Method
from mmfeat.manifest.cohort import Cohort

TRAINABLE_KINDS = ("binary", "multiclass", "multilabel")


@dataclass(frozen=True)
class HeadKey:
    """Name one head."""

    target: str
    method: str
    fold: int
    seed: int
    variant: RecordVariant = NO_RECORD
    """The encoders of the record."""

    @property
    def label(self) -> str:
        """Name of the method in results, with that of the record's encoder."""
        return self.variant.method_label(self.method)

    def folder(self, run: Path) -> Path:
        """Return the folder of the head within a run."""
        return run / "heads" / self.target / self.label / f"fold{self.fold}-seed{self.seed}"


@dataclass(frozen=True)
class TrainingPlan:
    """Hold what is to be trained."""

    targets: tuple[str, ...]
    methods: dict[str, Method]
    seeds: tuple[int, ...]
    n_folds: int
    notes: tuple[str, ...]
    """What was left out, and why."""
    variants: tuple[RecordVariant, ...] = (NO_RECORD,)
    """Encoders of the record; all heads are trained with each."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all methods in results, method by method."""
        return method_labels(tuple(self.methods), self.variants)

    @property
    def n_encoders(self) -> int:
        """Return how many record encoders heads are trained with."""
        fitted = sum(len(variant.trained) for variant in self.variants)
        return self.n_folds * len(self.targets) * fitted

    def seeds_of(self, method: str) -> tuple[int, ...]:
        """Return the seeds of a method: only 0 where every seed gives the same head."""
        return self.seeds if self.methods[method].uses_seed else (0,)

    def heads_of(
        self, fold: int, target: str, variant: RecordVariant = NO_RECORD
    ) -> Iterator[HeadKey]:
        """Name the heads of one fold, target and variant."""
        for method in self.methods:
            for seed in self.seeds_of(method):
                yield HeadKey(target, method, fold, seed, variant)

    @property
    def n_heads(self) -> int:
        """Return the number of heads."""
        seeds = sum(len(self.seeds_of(method)) for method in self.methods)
        return self.n_folds * len(self.targets) * seeds * len(self.variants)


def plan_training(
    settings: TrainSettings,
    cohort: Cohort,
    n_folds: int,
    variants: tuple[RecordVariant, ...] = (NO_RECORD,),
) -> TrainingPlan:
    """Decide what is to be trained.

    Raises:
        TrainError: A method is unknown, or a target asked for by name cannot be trained on.
    """
    methods = {name: get_method(name) for name in settings.methods}
    wanted = settings.targets if settings.targets is not None else list(cohort.targets)
    targets, notes = [], []
    for name in wanted:
        kind = cohort.targets[name].kind
        if kind in TRAINABLE_KINDS:
            targets.append(name)
        elif settings.targets is not None:
            raise TrainError(
                f"train.targets: `{name}` is a {kind} target, and no method trains on these yet; "
                f"take it out ({', '.join(TRAINABLE_KINDS)} targets can be trained on)"
            )
        else:
            notes.append(f"`{name}` is left out: no method trains on {kind} targets yet")
    if not targets:
        raise TrainError(
            f"cohort.targets: none of {list(cohort.targets)} can be trained on; "
            f"give a {', '.join(TRAINABLE_KINDS[:-1])} or {TRAINABLE_KINDS[-1]} target"
        )
    return TrainingPlan(
        tuple(targets), methods, tuple(settings.seeds), n_folds, tuple(notes), variants
    )


def fit_options(settings: TrainSettings) -> FitOptions:
    """Return the numbers that networks are trained with."""
    return FitOptions(**{name: getattr(settings, name) for name in FitOptions.__dataclass_fields__})
