"""Method `logistic`: for each availability, a logistic regression on just its modalities."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mmfeat.fusion.contract import (
    Course,
    Features,
    FitOptions,
    FoldData,
    Sets,
    check_visible,
)
from mmfeat.fusion.head_files import read_arrays, read_description, write_head
from mmfeat.fusion.linear_models.joint_linear import joint_models
from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.unimodal import UnimodalModels, unimodal_models
from mmfeat.fusion.mean_answers import mean_answers
from mmfeat.fusion.modality_sets import (
    Members,
    members_in,
    members_of,
    name_of,
    sets_of,
)
from mmfeat.fusion.probabilities import log_losses, to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.views import training_views


@dataclass(frozen=True)
class LinearHead:
    """Answer each set of modalities with a linear model, or else the mean of single ones."""

    method: str
    task: Task
    widths: Mapping[str, int]
    models: Mapping[Members, LinearModel]
    penalties: Mapping[Members, tuple[float, ...]]
    validation: float | None = None

    def predict(
        self,
        features: Features,
        visible: NDArray[np.bool_],
        sets: Sets | None = None,  # noqa: ARG002 - it learnt from one vector for each case
    ) -> NDArray[np.float64]:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        n_outputs = len(next(iter(self.models.values())).intercepts)
        answers = np.empty((len(visible), n_outputs))
        for members, rows in sets_of(visible):
            chosen = [members] if members in self.models else [(member,) for member in members]
            of_chosen = [self._predict_set(features, rows, one) for one in chosen]
            answers[rows] = np.mean(of_chosen, axis=0)
        return answers

    def _predict_set(
        self, features: Features, rows: NDArray[np.int64], members: Members
    ) -> NDArray[np.float64]:
        names = list(features)
        joined = np.hstack([features[names[member]][rows] for member in members])
        return to_answers(self.models[members].logits(joined), self.task)

    def save(self, folder: Path) -> None:
        """Write each model; those of modalities 0 and 1 together are named ``0+1``."""
        arrays = {}
        for members, model in self.models.items():
            arrays[f"coefficients:{name_of(members)}"] = model.coefficients
            arrays[f"intercepts:{name_of(members)}"] = model.intercepts
        description = {
            "task": self.task.to_json(),
            "widths": dict(self.widths),
            "penalties": {
                name_of(members): list(chosen) for members, chosen in self.penalties.items()
            },
        }
        write_head(
            folder,
            method=self.method,
            description=description,
            arrays=arrays,
            validation=self.validation,
        )


@dataclass(frozen=True)
class LinearMethod:
    """Fit logistic regressions whose penalties are chosen on inner folds; no seed plays a part."""

    name: str
    summary: str
    with_joint_models: bool
    uses_seed: bool = False
    uses_linear: bool = True
    has_cox: bool = False
    reads_sets: bool = False

    def course(
        self,
        data: FoldData,
        *,
        seed: int,  # noqa: ARG002 - the same head for every seed
        options: FitOptions,  # noqa: ARG002 - nothing is set by hand
    ) -> Course:
        """Fit the single modalities and, where asked for, larger sets that enough cases have.

        Raises:
            TrainError: There is nothing to learn from.
        """
        single = unimodal_models(data)
        models: dict[Members, LinearModel] = {}
        penalties: dict[Members, tuple[float, ...]] = {}
        for position, one in enumerate(single.chosen):
            models[position,], penalties[position,] = one.model, one.penalties
        yield ()
        unseen: dict[Members, NDArray[np.float64]] = {}
        for members, one in joint_models(data) if self.with_joint_models else ():
            models[members], penalties[members] = one.model, one.penalties
            unseen[members] = one.out_of_fold
            yield ()
        validation = _validation(data, single, unseen)
        return LinearHead(self.name, data.task, data.widths, models, penalties, validation)

    def load(self, folder: Path) -> LinearHead:
        """Read a head that ``save`` wrote."""
        description, arrays = read_description(folder), read_arrays(folder)
        models = {
            members_of(name): LinearModel(
                arrays[f"coefficients:{name}"], arrays[f"intercepts:{name}"]
            )
            for name in description["penalties"]
        }
        penalties = {
            members_of(name): tuple(chosen) for name, chosen in description["penalties"].items()
        }
        task = Task.from_json(description["task"])
        return LinearHead(
            self.name,
            task,
            description["widths"],
            models,
            penalties,
            description["validation"],
        )


def _validation(
    data: FoldData, single: UnimodalModels, unseen: Mapping[Members, NDArray[np.float64]]
) -> float:
    """Return the mean over the views of the loss of the cases that have all of one.

    Args:
        data: The fold.
        single: Of the modalities.
        unseen: Out-of-fold logits of the joint models, of the cases that have all of their set.
    """
    present, labels = data.present[single.rows], data.labels[single.rows]
    losses = []
    for view in training_views(len(data.modalities), seed=0):
        members = members_in(view)
        has = present[:, list(members)].all(axis=1)
        logits = unseen.get(members)
        if logits is None:
            of_members = torch.from_numpy(single.out_of_fold[has][:, list(members)].swapaxes(0, 1))
            counted = torch.ones(of_members.shape[:2], dtype=torch.bool)
            logits = mean_answers(of_members, counted, data.task).numpy()
        known = log_losses(logits, labels[has], data.task)
        if not np.isnan(known).all():
            losses.append(float(np.nanmean(known)))
    return float(np.mean(losses))


METHOD = LinearMethod(
    "logistic",
    "logistic regression on exactly the modalities that are there, penalty chosen on inner folds",
    with_joint_models=True,
)
