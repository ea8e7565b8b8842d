"""What a finished run says that it holds: settings, methods, and the heads behind each of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mmfeat.config.messages import setting_faults
from mmfeat.config.record_variants import RecordVariant, record_variants
from mmfeat.config.settings import Settings
from mmfeat.errors import TrainError, one_line
from mmfeat.fusion import get_method
from mmfeat.stages.training.plan import HeadKey, TrainingPlan
from mmfeat.stages.training.setting import settings_of
from mmfeat.stages.training.trained_run import TrainedRun, read_run, trained_run


@dataclass(frozen=True)
class Answerer:
    """Say which heads answer a target for a method of the results."""

    task_name: str
    """The target, or the group of targets that the heads learnt together."""
    method: str
    variant: RecordVariant
    places: tuple[str, ...]
    """The targets that the heads answer, in the order of their outputs."""


@dataclass(frozen=True)
class RunContents:
    """Hold what run.json says, without any file of the cohort."""

    folder: Path
    known: Mapping[str, Any]
    """run.json as it is."""
    settings: Settings
    plan: TrainingPlan
    trained: TrainedRun

    @classmethod
    def read(cls, folder: Path) -> "RunContents":
        """Read run.json.

        Raises:
            TrainError: There is no finished run, or it cannot be read by this version.
        """
        known = read_run(
            folder,
            advice="name the folder of a run (`train.run`) or one that `mmfeat export` wrote",
        )
        path = folder / "run.json"
        try:
            settings = Settings.model_validate(known["settings"])
            methods = {name: get_method(name) for name in known["methods"]}
            plan = TrainingPlan(
                (*_targets(known), *known.get("joint", {})),
                methods,
                tuple(settings.train.seeds),
                int(known["folds"]),
                (),
                record_variants(settings.modalities),
                settings_of(settings.train.grid),
                known.get("joint", {}),
            )
        except ValidationError as error:
            raise TrainError(
                f"{path}: this version cannot read the settings of the run "
                f"({setting_faults(error)[0].line}); run `mmfeat train` again"
            ) from error
        except (KeyError, TypeError, ValueError) as error:
            raise TrainError(
                f"{path}: cannot be read ({one_line(error)}); run `mmfeat train` again"
            ) from error
        return cls(folder, known, settings, plan, trained_run(known))

    @property
    def methods(self) -> tuple[str, ...]:
        """Return all methods by their names in results, those of single targets first."""
        return tuple(dict.fromkeys(shown for _, shown, _ in self._answerers()))

    @property
    def kinds(self) -> dict[str, str]:
        """Return the kind of each target that the run was trained for."""
        targets = self.settings.cohort.targets
        named = dict.fromkeys(
            name for one in self.plan.targets for name in self.plan.weights_of(one)
        )
        return {name: targets[name].kind for name in named}

    def answerers(self, method: str) -> dict[str, Answerer]:
        """Return, for each target that a method answers, which heads do.

        Raises:
            TrainError: The run has no such method.
        """
        found = {name: one for name, shown, one in self._answerers() if shown == method}
        if not found:
            near = get_close_matches(method, self.methods, n=1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            raise TrainError(
                f"{self.folder}: has no method `{method}`, only {', '.join(self.methods)}{hint}"
            )
        return found

    def heads(self, one: Answerer, fold: int) -> list[HeadKey]:
        """Name the heads of one fold, by seed.

        Raises:
            TrainError: All of them failed in training.
        """
        keys = [
            key
            for key in self.plan.heads_of(fold, one.task_name, one.variant)
            if key.method == one.method and self.trained.predicting(key)
        ]
        if not keys:
            label = one.variant.method_label(one.method)
            raise TrainError(
                f"{self.folder}: `{one.task_name}`, {label}: fold {fold} has no head (see "
                "`failures` in run.json); name another method"
            )
        return keys

    def _answerers(self) -> list[tuple[str, str, Answerer]]:
        """List target, method in results and heads, in the order of the settings."""
        plan = self.plan
        left_out = self.trained.incomplete(plan)
        found = []
        for method in plan.methods:
            for variant in plan.variants:
                label = variant.method_label(method)
                for name in plan.targets:
                    if method not in plan.methods_of(name) or (name, label) in left_out:
                        continue
                    places = tuple(plan.weights_of(name))
                    answerer = Answerer(name, method, variant, places)
                    found += [(target, plan.shown(name, label), answerer) for target in places]
        return sorted(found, key=lambda one: one[2].task_name in plan.joint)


def _targets(known: Mapping[str, Any]) -> list[str]:
    """Return the targets that have heads of their own."""
    named = known["settings"]["train"].get("targets")
    return list(known["settings"]["cohort"]["targets"] if named is None else named)
