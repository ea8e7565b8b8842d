"""Methods `boosting` and `boosting-average`: gradient boosted trees on what is there.

The baseline that tables are hard to beat at: scikit-learn's histogram gradient boosting, an
implementation of LightGBM's. The number of trees is chosen on the validation part, and the trees
are then fitted again to the training and validation parts.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.errors import TrainError
from mmfeat.fusion.boosting_head import BoostingHead, joined, load_boosting_head
from mmfeat.fusion.contract import Course, FitOptions, FoldData, check_learnable
from mmfeat.fusion.linear_models.joint_linear import whole
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in
from mmfeat.fusion.probabilities import log_losses
from mmfeat.fusion.tree_models.boosted_trees import BoostedTarget, Examples, boost, logits
from mmfeat.fusion.tree_models.trees import Trees
from mmfeat.fusion.unseen import UnseenAnswers
from mmfeat.fusion.views import ALL_SUBSETS_UP_TO, every_view, training_views


@dataclass(frozen=True)
class BoostingMethod:
    """Boost trees for each modality and, where asked for, for sets of them; no seed plays a part.

    NOTE: cells of records are not hidden in training, and classes count as often as they occur.
    """

    name: str
    summary: str
    with_joint_models: bool
    uses_seed: bool = False
    uses_linear: bool = False
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

        The model of a set learns from every case that has some of it, what the case lacks unknown.

        Raises:
            TrainError: There is nothing to learn from, or the target is not one for trees.
        """
        if not data.is_in_memory:
            raise TrainError(
                f"`{self.name}` needs all features in memory; give a larger `train.memory_gb`, or "
                "leave it out of `train.methods`"
            )
        train, val = data.usable(data.train), data.usable(data.val)
        check_learnable(data, train)
        models: dict[Members, tuple[Trees, ...]] = {}
        without_val: dict[Members, tuple[Trees, ...]] = {}
        losses = []
        for members in self._sets(data, train):
            yield ()
            val_of_set = _having_some(data, val, members)
            targets = _boost_set(data, _having_some(data, train, members), val_of_set, members)
            models[members] = tuple(trees for target in targets for trees in target.final)
            without_val[members] = tuple(trees for target in targets for trees in target.watched)
            losses.append(_loss(data, val_of_set, members, without_val[members]))
        known = [loss for loss in losses if not np.isnan(loss)]
        validation = float(np.mean(known)) if known else None
        unseen = _unseen(data, val, BoostingHead(self.name, data.task, data.widths, without_val))
        return BoostingHead(self.name, data.task, data.widths, models, validation, unseen)

    def _sets(self, data: FoldData, rows: NDArray[np.int64]) -> list[Members]:
        """Return every single modality, and all larger sets that enough cases have whole.

        With more than four modalities, of the larger sets only that of all.
        """
        n_modalities = len(data.modalities)
        sets: list[Members] = [(member,) for member in range(n_modalities)]
        if not self.with_joint_models or n_modalities == 1:
            return sets
        larger = [members_in(view) for view in every_view(n_modalities) if view.sum() > 1]
        if n_modalities > ALL_SUBSETS_UP_TO:
            larger = larger[-1:]
        return sets + [
            members for members in larger if whole(data, rows, members).sum() >= FEWEST_CASES
        ]

    def load(self, folder: Path) -> BoostingHead:
        """Read a head that ``save`` wrote."""
        return load_boosting_head(folder, self.name)


def _having_some(data: FoldData, rows: NDArray[np.int64], members: Members) -> NDArray[np.int64]:
    """Return those of the rows that have some modality of a set."""
    return rows[data.present[rows][:, list(members)].any(axis=1)]


def _boost_set(
    data: FoldData, train: NDArray[np.int64], val: NDArray[np.int64], members: Members
) -> list[BoostedTarget]:
    """Boost every target of the task from one set of modalities."""
    of_parts = [joined(data.features, data.present, rows, members) for rows in (train, val)]
    return [
        boost(
            Examples(of_parts[0], data.labels[train][:, columns]),
            Examples(of_parts[1], data.labels[val][:, columns]),
            part,
        )
        for part, _, columns in data.task.places()
    ]


def _loss(
    data: FoldData, rows: NDArray[np.int64], members: Members, trees: tuple[Trees, ...]
) -> float:
    """Return the mean loss of the cases that have all of a set; NaN where there is none."""
    whole = rows[data.present[rows][:, list(members)].all(axis=1)]
    losses = log_losses(
        logits(trees, joined(data.features, data.present, whole, members)),
        data.labels[whole],
        data.task,
    )
    return float(np.nanmean(losses)) if (~np.isnan(losses)).any() else float("nan")


def _unseen(data: FoldData, val: NDArray[np.int64], watched: BoostingHead) -> UnseenAnswers:
    """Ask the trees that were fitted to the training part alone about the validation part."""
    features = {name: values[val] for name, values in data.arrays.items()}
    answers = {}
    for view in training_views(len(data.modalities), seed=0):
        answers[members_in(view)] = watched.predict(features, np.tile(view, (len(val), 1)))
    return UnseenAnswers.of_learnt(data, val, answers)


METHOD = BoostingMethod(
    "boosting",
    "gradient boosted trees on exactly the modalities that are there",
    with_joint_models=True,
)
AVERAGE = BoostingMethod(
    "boosting-average",
    "mean of the answers of gradient boosted trees for each modality",
    with_joint_models=False,
)
