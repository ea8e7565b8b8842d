"""Choose each fold's setting of the grid on its validation part: nested cross-validation."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mmfeat.stages.training.head_order import HeadResult
from mmfeat.stages.training.plan import HeadKey, TrainingPlan
from mmfeat.stages.training.setting import Setting

NESTED_NOTE = (
    "nested cross-validation: in each fold the setting of `train.grid` with the lowest loss on the "
    "validation part, mean over the seeds, was chosen, and it alone predicts the fold's test part"
)


@dataclass(frozen=True)
class Choice:
    """Say which setting one fold takes for one target and method, and what it was chosen by."""

    target: str
    label: str
    """Of the method."""
    fold: int
    setting: Setting
    losses: dict[str, float | None]
    """For each setting the mean over the seeds of the loss on cases that the heads were not fitted
    to; None where a head failed."""


def choices(plan: TrainingPlan, results: Iterable[HeadResult]) -> tuple[Choice, ...]:
    """Choose for every fold, target and method that was trained with several settings.

    Where every setting has a head that failed, or none has a loss, the first one stands.

    Args:
        plan: What was to be trained.
        results: Of all heads, those that were there before among them.
    """
    losses = {one.key: one.validation for one in results if one.failure is None}
    found = []
    for fold in range(plan.n_folds):
        for target in plan.targets:
            for variant in plan.variants:
                for method in plan.methods_of(target):
                    if len(plan.settings_of(method)) > 1:
                        key = HeadKey(target, method, fold, 0, variant)
                        found.append(_choice(plan, key, losses))
    return tuple(found)


def choices_to_json(made: Iterable[Choice]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return choices as plain JSON values: for each target and method, one of each fold."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for one in made:
        of_method = found.setdefault(one.target, {}).setdefault(one.label, [])
        of_method.append(
            {"fold": one.fold, "setting": dict(one.setting.values), "validation": one.losses}
        )
    return found


def _choice(plan: TrainingPlan, of: HeadKey, losses: dict[HeadKey, float | None]) -> Choice:
    settings = plan.settings_of(of.method)
    means = {}
    for setting in settings:
        keys = [
            HeadKey(of.target, of.method, of.fold, seed, of.variant, setting)
            for seed in plan.seeds_of(of.method)
        ]
        means[setting] = _mean([losses.get(key) for key in keys])
    losses_known = {one: loss for one, loss in means.items() if loss is not None}
    best = min(losses_known, key=losses_known.__getitem__, default=settings[0])
    shown = {setting.label: mean for setting, mean in means.items()}
    return Choice(of.target, of.label, of.fold, best, shown)


def _mean(losses: list[float | None]) -> float | None:
    known = [loss for loss in losses if loss is not None and np.isfinite(loss)]
    return float(np.mean(known)) if len(known) == len(losses) else None
