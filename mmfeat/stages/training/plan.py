"""Which heads a project asks for: targets x methods x settings x folds x seeds."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mmfeat.config.learning import TrainSettings
from mmfeat.config.record_variants import NO_RECORD, RecordVariant, method_labels
from mmfeat.fusion import get_method
from mmfeat.fusion.contract import FitOptions, Method
from mmfeat.manifest.cohort import Cohort
from mmfeat.stages.training.planned_targets import check_targets
from mmfeat.stages.training.setting import AS_SET, Setting, settings_of


@dataclass(frozen=True)
class HeadKey:
    """Name one head."""

    target: str
    method: str
    fold: int
    seed: int
    variant: RecordVariant = NO_RECORD
    """The encoders of the record."""
    setting: Setting = AS_SET
    """The point of the grid."""

    @property
    def label(self) -> str:
        """Name of the method in results, with that of the record's encoder."""
        return self.variant.method_label(self.method)

    @property
    def row(self) -> tuple[str, str, str]:
        """Return target, method and setting, which several folds and seeds share."""
        return self.target, self.label, self.setting.label

    @property
    def name(self) -> str:
        """Tell the head apart from all others of a run."""
        setting = f" {self.setting.label}" if self.setting.label else ""
        return f"{self.target} {self.label}{setting} fold {self.fold} seed {self.seed}"

    def folder(self, run: Path) -> Path:
        """Return the folder of the head within a run."""
        of_method = run / "heads" / self.target / self.label / self.setting.label
        return of_method / f"fold{self.fold}-seed{self.seed}"


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
    settings: tuple[Setting, ...] = (AS_SET,)
    """Points of the grid; each fold takes the best for a method."""
    joint: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Groups of targets that are learnt together, with their weights; their names are among the
    targets, too."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all methods in results, method by method."""
        return method_labels(tuple(self.methods), self.variants)

    @property
    def reads_sets(self) -> bool:
        """Say whether a method learns from sets of scans or tokens."""
        return any(method.reads_sets for method in self.methods.values())

    def weights_of(self, target: str) -> Mapping[str, float]:
        """Return the targets behind a name: its own, or those of a group with their weights."""
        return self.joint.get(target, {target: 1.0})

    def shown(self, target: str, label: str) -> str:
        """Return how a method is called in the results of heads of a target or group.

        Example:
            >>> plan = TrainingPlan((), {}, (), 5, (), joint={"all": {"stage": 1.0, "grade": 1.0}})
            >>> plan.shown("all", "paper"), plan.shown("stage", "paper")
            ('paper~all', 'paper')
        """
        return f"{label}~{target}" if target in self.joint else label

    def methods_of(self, target: str) -> tuple[str, ...]:
        """Return the methods that learn a target; of a group, those that train networks."""
        joint = target in self.joint
        return tuple(name for name, one in self.methods.items() if one.uses_seed or not joint)

    def seeds_of(self, method: str) -> tuple[int, ...]:
        """Return the seeds of a method: only 0 where every seed gives the same head."""
        return self.seeds if self.methods[method].uses_seed else (0,)

    def settings_of(self, method: str) -> tuple[Setting, ...]:
        """Return the settings that a method is trained with: one where it trains no networks."""
        return self.settings if self.methods[method].uses_seed else (AS_SET,)

    def heads_of(
        self, fold: int, target: str, variant: RecordVariant = NO_RECORD
    ) -> Iterator[HeadKey]:
        """Name the heads of one fold, target and variant."""
        for method in self.methods_of(target):
            for setting in self.settings_of(method):
                for seed in self.seeds_of(method):
                    yield HeadKey(target, method, fold, seed, variant, setting)

    def all_heads(self) -> Iterator[HeadKey]:
        """Name every head, in the order of training."""
        for fold in range(self.n_folds):
            for target in self.targets:
                for variant in self.variants:
                    yield from self.heads_of(fold, target, variant)

    @property
    def n_heads(self) -> int:
        """Return the number of heads."""
        return sum(1 for _ in self.all_heads())


def n_encoders_of(heads: Iterable[HeadKey]) -> int:
    """Return how many record encoders are fitted for heads: those of each fold and target."""
    scenes = {(key.fold, key.target, key.variant) for key in heads}
    return sum(len(variant.trained) for _, _, variant in scenes)


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
    targets = settings.targets if settings.targets is not None else list(cohort.targets)
    check_targets(settings, cohort, methods)
    return TrainingPlan(
        (*targets, *settings.joint),
        methods,
        tuple(settings.seeds),
        n_folds,
        (),
        variants,
        settings_of(settings.grid),
        settings.joint,
    )


def fit_options(settings: TrainSettings) -> FitOptions:
    """Return the numbers that networks are trained with."""
    return FitOptions(**{name: getattr(settings, name) for name in FitOptions.__dataclass_fields__})
