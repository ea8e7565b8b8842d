"""What a finished training says of itself: whoever uses its heads asks for no others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mmfeat.config.learning import TrainSettings
from mmfeat.config.loading import Project
from mmfeat.errors import TrainError
from mmfeat.stages.training.choosing import NESTED_NOTE
from mmfeat.stages.training.plan import HeadKey, TrainingPlan

RUN_FORMAT = 1
"""Of run folders; runs that do not say which they have are of the first."""

_OF_PLAN = ("targets", "methods", "seeds", "grid", "joint")
"""Settings of `train` that say which heads there are."""


@dataclass(frozen=True)
class TrainedRun:
    """Hold which heads a run has, and which of them predict."""

    chosen: dict[tuple[str, str, int], dict[str, Any]]
    """For each target, method and fold with several settings, the one that was chosen."""
    failures: tuple[dict[str, Any], ...]
    """Heads that could not be trained, as in run.json."""

    def predicting(self, key: HeadKey) -> bool:
        """Say whether a head of the plan is there, and is to predict its fold's test part."""
        chosen = self.chosen.get((key.target, key.label, key.fold))
        if chosen is not None and chosen != dict(key.setting.values):
            return False
        return not any(_is(failure, key) for failure in self.failures)

    def incomplete(self, plan: TrainingPlan) -> dict[tuple[str, str], str]:
        """Say of which targets and methods a fold has no head at all, so that they are left out."""
        found: dict[tuple[str, str], str] = {}
        n_predicting: dict[tuple[str, str, int], int] = {}
        for key in plan.all_heads():
            place = (key.target, key.label, key.fold)
            n_predicting[place] = n_predicting.get(place, 0) + self.predicting(key)
        for (target, label, fold), n_heads in n_predicting.items():
            if not n_heads:
                found[target, label] = f"fold {fold} has none: see `failures` in run.json"
        return found

    def chosen_settings(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Return the chosen settings as plain JSON values: for each target and method, by fold."""
        found: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for (target, label, fold), setting in self.chosen.items():
            of_method = found.setdefault(target, {}).setdefault(label, [])
            of_method.append({"fold": fold, "setting": setting})
        return found

    def notes(self, plan: TrainingPlan) -> tuple[str, ...]:
        """Say how settings were chosen, and what the results lack."""
        left_out = self.incomplete(plan)
        notes = [NESTED_NOTE] if self.chosen else []
        notes += [
            f"`{target}`, {label} is left out for want of heads: {why}"
            for (target, label), why in left_out.items()
        ]
        partly = {(one["target"], one["method"]) for one in self.failures} - set(left_out)
        notes += [
            f"`{target}`, {label}: heads that failed in training are left out of the mean over the "
            "seeds, or of the choice of a setting"
            for target, label in sorted(partly)
        ]
        return tuple(notes)


def as_trained(project: Project) -> tuple[Project, TrainedRun]:
    """Return a project whose settings name the heads that its run has, and what is known of them.

    Methods, seeds and the like may have been given on the command line, and need not be again.

    Raises:
        TrainError: There is no finished training.
    """
    known = read_run(
        project.path(project.settings.train.run),
        advice=f"run `mmfeat train {project.file.name}` first",
    )
    settings = project.settings
    trained = known["settings"]["train"]
    of_plan = TrainSettings.model_validate(
        {name: trained[name] for name in _OF_PLAN if name in trained}
    )
    train = settings.train.model_copy(
        update={name: getattr(of_plan, name) for name in _OF_PLAN if hasattr(of_plan, name)}
    )
    cohort = settings.cohort
    if cohort.split.column is None:
        split = cohort.split.model_copy(update={"folds": known["folds"]})
        cohort = cohort.model_copy(update={"split": split})
    settings = settings.model_copy(update={"train": train, "cohort": cohort})
    return replace(project, settings=settings), trained_run(known)


def trained_run(known: Mapping[str, Any]) -> TrainedRun:
    """Return which heads there are by what run.json says."""
    chosen = {
        (target, label, one["fold"]): one["setting"]
        for target, of_target in known.get("chosen", {}).items()
        for label, of_method in of_target.items()
        for one in of_method
    }
    return TrainedRun(chosen, tuple(known.get("failures", ())))


def read_run(folder: Path, *, advice: str) -> dict[str, Any]:
    """Read run.json, which says that training is finished.

    Args:
        folder: The run folder.
        advice: What to run where there is none.

    Raises:
        TrainError: It is not there, cannot be read, or is of another version's format.
    """
    path = folder / "run.json"
    if not path.is_file():
        raise TrainError(f"{folder}: no finished training; {advice}")
    try:
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        made = known.get("format", RUN_FORMAT)
        if made != RUN_FORMAT:
            raise TrainError(
                f"{path}: of run format {made}, and this version reads {RUN_FORMAT}; use the "
                "version of mmfeat that made it, or run `mmfeat train` again with another "
                "`train.run`"
            )
        known["settings"]["train"], known["folds"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TrainError(f"{path}: cannot be read ({error}); run `mmfeat train` again") from error
    return known


def _is(failure: dict[str, Any], key: HeadKey) -> bool:
    named = (key.target, key.label, key.setting.label, key.fold, key.seed)
    found = tuple(failure[name] for name in ("target", "method", "setting", "fold", "seed"))
    return named == found
