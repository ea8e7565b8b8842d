"""Boosted trees as torch modules: all trees are walked at once, a level at a time."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mmfeat.fusion.boosting_head import BoostingHead
from mmfeat.fusion.modality_sets import Members
from mmfeat.fusion.portable.seen_sets import all_sets, chosen_by_set, code_of, codes_of
from mmfeat.fusion.portable.task_answers import answers_of
from mmfeat.fusion.tree_models.trees import Trees


class TreesModule(nn.Module):
    """Answer as `Trees` do."""

    start: Tensor
    roots: Tensor
    value: Tensor
    threshold: Tensor
    feature: Tensor
    left: Tensor
    right: Tensor
    missing_left: Tensor
    adds_to: Tensor

    def __init__(self, trees: Trees) -> None:
        super().__init__()
        self.depth = _depth(trees)
        self.register_buffer("start", torch.from_numpy(trees.start.copy()))
        self.has_trees = len(trees.roots) > 0
        if not self.has_trees:  # torch.export cannot save an empty array
            return
        for name in ("roots", "value", "threshold", "feature", "left", "right"):
            self.register_buffer(name, torch.from_numpy(getattr(trees, name).copy()))
        self.register_buffer("missing_left", torch.from_numpy(trees.missing_left.copy()))
        adds_to = trees.answer_of[:, None] == np.arange(len(trees.start))
        self.register_buffer("adds_to", torch.from_numpy(adds_to.astype(np.float64)))

    def forward(self, features: Float[Tensor, "rows width"]) -> Float[Tensor, "rows answers"]:
        """Return the answers; NaN is unknown."""
        n_rows = features.shape[0]
        if not self.has_trees:
            return self.start.expand(n_rows, -1)
        values = features.double()
        places = self.roots.expand(n_rows, -1)  # (rows, trees)
        for _ in range(self.depth):
            found = values.gather(1, self.feature[places])
            goes_left = torch.where(
                found.isnan(), self.missing_left[places], found <= self.threshold[places]
            )
            places = torch.where(goes_left, self.left[places], self.right[places])
        answers: Tensor = self.start + self.value[places] @ self.adds_to
        return answers


class BoostingModule(nn.Module):
    """Answer as a `BoostingHead` does."""

    def __init__(self, head: BoostingHead) -> None:
        super().__init__()
        self.task = head.task
        self.sets = all_sets(len(head.widths))
        self.modelled = tuple(head.models)
        self.models = nn.ModuleList(
            nn.ModuleList(TreesModule(trees) for trees in boosters)
            for boosters in head.models.values()
        )

    def forward(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the answers of each row."""
        of_models: dict[Members, Tensor] = {}
        for members, boosters in zip(self.modelled, self.models, strict=True):
            joined = torch.cat([features[member] for member in members], dim=1)
            logits = torch.cat([trees(joined) for trees in boosters.children()], dim=1)
            of_models[members] = answers_of(logits, self.task)
        of_sets = {}
        for members in self.sets:
            chosen = [members] if members in of_models else [(one,) for one in members]
            of_sets[code_of(members)] = torch.stack([of_models[one] for one in chosen]).mean(0)
        return chosen_by_set(codes_of(visible), of_sets)


def _depth(trees: Trees) -> int:
    """Return how many steps it is from a root to the farthest leaf."""
    places, depth = trees.roots, 0
    while len(inner := places[trees.left[places] != places]):  # leaves lead to themselves
        places, depth = np.concatenate([trees.left[inner], trees.right[inner]]), depth + 1
    return depth
