"""The trees of the methods `boosting` and `boosting-average`, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, Sets, check_visible
from mmfeat.fusion.head_files import read_arrays, read_description, write_head
from mmfeat.fusion.modality_sets import Members, members_of, name_of, sets_of
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task
from mmfeat.fusion.tree_models.boosted_trees import logits
from mmfeat.fusion.tree_models.trees import Trees
from mmfeat.fusion.unseen import UnseenAnswers

Array = NDArray[np.float64]


@dataclass(frozen=True)
class BoostingHead:
    """Answer each set of modalities with the trees of that set, or else the mean of single ones."""

    method: str
    task: Task
    widths: Mapping[str, int]
    models: Mapping[Members, tuple[Trees, ...]]
    validation: float | None = None
    unseen: UnseenAnswers = field(default_factory=UnseenAnswers.nothing)

    def predict(
        self,
        features: Features,
        visible: NDArray[np.bool_],
        sets: Sets | None = None,  # noqa: ARG002 - trees take vectors
    ) -> Array:
        """Return ``(cases, outputs)`` given what is visible ``(cases, modalities)``."""
        check_visible(features, visible, self.widths)
        answers = np.empty((len(visible), self.task.n_outputs))
        for members, rows in sets_of(visible):
            chosen = [members] if members in self.models else [(member,) for member in members]
            of_chosen = [
                logits(self.models[one], joined(features, visible, rows, one)) for one in chosen
            ]
            answers[rows] = np.mean([to_answers(one, self.task) for one in of_chosen], axis=0)
        return answers

    def save(self, folder: Path) -> None:
        """Write the trees of each set; those of modalities 0 and 1 together are named ``0+1``."""
        arrays: dict[str, NDArray[Any]] = {}
        for members, boosters in self.models.items():
            for number, trees in enumerate(boosters):
                arrays |= trees.arrays(f"{name_of(members)}:{number}:")
        description = {
            "task": self.task.to_json(),
            "widths": dict(self.widths),
            "boosters": {name_of(members): len(them) for members, them in self.models.items()},
        }
        write_head(
            folder,
            method=self.method,
            description=description,
            arrays=arrays,
            validation=self.validation,
            unseen=self.unseen,
        )


def joined(
    features: Features,
    visible: NDArray[np.bool_],
    rows: NDArray[np.int64],
    members: Members,
) -> NDArray[np.float32]:
    """Return the features of a set side by side, NaN where a case lacks one: ``(rows, width)``."""
    names = list(features)
    return np.hstack(
        [
            np.where(visible[rows][:, [member]], features[names[member]][rows], np.float32(np.nan))
            for member in members
        ]
    )


def load_boosting_head(folder: Path, method: str) -> BoostingHead:
    """Read a head that ``save`` wrote.

    Raises:
        TrainError: It is not a whole head.
    """
    known, arrays = read_description(folder), read_arrays(folder)
    models = {
        members_of(name): tuple(
            Trees.from_arrays(arrays, f"{name}:{number}:") for number in range(n_boosters)
        )
        for name, n_boosters in known["boosters"].items()
    }
    task = Task.from_json(known["task"])
    return BoostingHead(
        method, task, known["widths"], models, known["validation"], UnseenAnswers.load(folder)
    )
