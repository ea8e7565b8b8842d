"""Method `logistic`: for each availability, a logistic regression on just its modalities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from mmfeat.fusion.unseen import UnseenAnswers
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
    unseen: UnseenAnswers = field(default_factory=UnseenAnswers.nothing)

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
            unseen=self.unseen,
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
        out_of_fold: dict[Members, NDArray[np.float64]] = {}
        for members, one in joint_models(data) if self.with_joint_models else ():
            models[members], penalties[members] = one.model, one.penalties
            out_of_fold[members] = one.out_of_fold
            yield ()
        logits = _out_of_fold_logits(data, single, out_of_fold)
        return LinearHead(
            self.name,
            data.task,
            data.widths,
            models,
            penalties,
            _validation(data, single, logits),
            UnseenAnswers.of_learnt(
                data,
                single.rows,
                {members: to_answers(of_set, data.task) for members, of_set in logits.items()},
            ),
        )

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
            UnseenAnswers.load(folder),
        )


def _out_of_fold_logits(
    data: FoldData, single: UnimodalModels, joint: Mapping[Members, NDArray[np.float64]]
) -> dict[Members, NDArray[np.float64]]:
    """Return what models without them say of the cases that have all of a view.

    Args:
        data: The fold.
        single: Of the modalities.
        joint: Out-of-fold logits of the joint models, of the cases that have all of their set.

    Returns:
        For each view ``(learnt, outputs)``, NaN where a case lacks some of it.
    """
    present = data.present[single.rows]
    found = {}
    for view in training_views(len(data.modalities), seed=0):
        members = members_in(view)
        has = present[:, list(members)].all(axis=1)
        logits = joint.get(members)
        if logits is None:
            of_members = torch.from_numpy(single.out_of_fold[has][:, list(members)].swapaxes(0, 1))
            counted = torch.ones(of_members.shape[:2], dtype=torch.bool)
            logits = mean_answers(of_members, counted, data.task).numpy()
        found[members] = np.full((len(single.rows), data.n_outputs), np.nan)
        found[members][has] = logits
    return found


def _validation(
    data: FoldData, single: UnimodalModels, logits: Mapping[Members, NDArray[np.float64]]
) -> float:
    """Return the mean over the views of the loss of the cases that have all of one."""
    losses = []
    for of_set in logits.values():
        has = ~np.isnan(of_set[:, 0])
        known = log_losses(of_set[has], data.labels[single.rows[has]], data.task)
        if not np.isnan(known).all():
            losses.append(float(np.nanmean(known)))
    return float(np.mean(losses))


METHOD = LinearMethod(
    "logistic",
    "logistic regression on exactly the modalities that are there, penalty chosen on inner folds",
    with_joint_models=True,
)
