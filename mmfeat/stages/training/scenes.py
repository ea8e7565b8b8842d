"""Scenes: one fold, target and variant of the record's encoders, with what heads are made from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.config.record_variants import RecordVariant
from mmfeat.feature_table import FittedFeatures
from mmfeat.fusion.contract import FoldData
from mmfeat.manifest.cohort import Fold
from mmfeat.stages.training.encoder_place import EncoderPlace
from mmfeat.stages.training.fold import (
    check_patients_apart,
    digest_of_features,
    digest_of_split,
    fold_data,
)
from mmfeat.stages.training.heads import identity_of
from mmfeat.stages.training.open_run import OpenRun
from mmfeat.stages.training.outcomes import Outcome, fold_outcomes
from mmfeat.stages.training.plan import HeadKey, TrainingPlan
from mmfeat.stages.training.target_features import TargetFeatures


@dataclass(frozen=True, eq=False)
class Scene:
    """Hold one fold, target and variant; two are equal only when they are the same object."""

    opened: OpenRun
    fold: Fold
    number: int
    """Number of the fold."""
    target: str
    outcomes: Mapping[str, Outcome]
    """What is predicted: the target, or those of a group that is learnt together."""
    data: FoldData
    variant: RecordVariant
    features: TargetFeatures
    split_digest: str
    features_digest: str

    @property
    def test(self) -> NDArray[np.int64]:
        """Row numbers of the test part that heads can take."""
        return np.intersect1d(self.fold.test, np.flatnonzero(self.opened.table.usable))

    def heads(self) -> Iterator[HeadKey]:
        """Name the heads of the scene."""
        return self.opened.plan.heads_of(self.number, self.target, self.variant)

    def identity(self, key: HeadKey) -> dict[str, Any]:
        """Return everything that a head's numbers come from."""
        return identity_of(
            key,
            self.opened.plan.methods[key.method],
            self.data,
            tuple(name for one in self.outcomes.values() for name in one.names),
            options=key.setting.options(self.opened.options),
            split_digest=self.split_digest,
            features_digest=self.features_digest,
            record_encoders=self.features.digests,
        )


def scenes(
    opened: OpenRun,
    features_of_fold: Callable[[int, Fold], FittedFeatures],
    encoders_of: Callable[[EncoderPlace, RecordVariant], TargetFeatures],
    *,
    only: frozenset[tuple[int, str, RecordVariant]] | None = None,
) -> Iterator[Scene]:
    """Give every fold, target and variant, with what was fitted for them.

    Args:
        opened: The run.
        features_of_fold: Fits the features of a fold, or reads them.
        encoders_of: Fits the record encoders of a fold and target, or reads them.
        only: Give these alone, each a fold, a target and a variant; nothing is fitted for others.

    Raises:
        TrainError: A patient is on both sides of a fold, or a target cannot be trained on.
    """
    cohort, table, plan = opened.cohort, opened.table, opened.plan
    for number, fold in enumerate(opened.folds):
        chosen = _chosen(plan, number, only)
        if not chosen:
            continue
        check_patients_apart(cohort, fold, number)
        fitted = features_of_fold(number, fold)
        split_digest = digest_of_split(cohort, fold)
        for target, variants in chosen.items():
            outcomes = fold_outcomes(cohort, fold, plan.weights_of(target))
            basic = fold_data(
                cohort,
                table,
                fold=fold,
                features=fitted,
                target=target,
                weights=plan.weights_of(target),
                cell_dropout=opened.project.settings.train.cell_dropout,
                reads_sets=plan.reads_sets,
            )
            place = EncoderPlace(
                opened.project, opened.run, cohort, table, fold, number, target, fitted
            )
            for variant in variants:
                features = encoders_of(place, variant)
                data = features.applied(basic, table)
                yield Scene(
                    opened,
                    fold,
                    number,
                    target,
                    outcomes,
                    data,
                    variant,
                    features,
                    split_digest=split_digest,
                    features_digest=digest_of_features(data),
                )


def _chosen(
    plan: TrainingPlan, fold: int, only: frozenset[tuple[int, str, RecordVariant]] | None
) -> dict[str, list[RecordVariant]]:
    """Return the variants of each target that are to be given for one fold."""
    variants = {
        target: [one for one in plan.variants if only is None or (fold, target, one) in only]
        for target in plan.targets
    }
    return {target: chosen for target, chosen in variants.items() if chosen}
