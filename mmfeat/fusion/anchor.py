"""The anchor: stacked linear models for every availability, to which networks only add."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, FoldData
from mmfeat.fusion.linear import LinearModel
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in, sets_of
from mmfeat.fusion.stacking import Stack, fit_stack, mean_stack
from mmfeat.fusion.unimodal import UnimodalModels

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Anchor:
    """Hold one linear model for each modality, and the weights that combine them for each set."""

    models: tuple[LinearModel, ...]
    stacks: Mapping[Members, Stack]

    def logits(self, features: Features, visible: NDArray[np.bool_]) -> Array:
        """Return ``(cases, outputs)`` of what is ``visible`` ``(cases, modalities)``."""
        n_outputs = len(self.models[0].intercepts)
        of_modalities = np.zeros((len(visible), len(self.models), n_outputs))
        for position, values in enumerate(features.values()):
            seen = visible[:, position]
            of_modalities[seen, position] = self.models[position].logits(values[seen])
        return self.combine(of_modalities, visible)

    def combine(self, of_modalities: Array, visible: NDArray[np.bool_]) -> Array:
        """Combine logits ``(cases, modalities, outputs)`` into ``(cases, outputs)``."""
        combined = np.zeros((len(visible), of_modalities.shape[2]))
        for members, rows in sets_of(visible):
            stack = self.stacks.get(members) or mean_stack(len(members), combined.shape[1])
            combined[rows] = stack.logits(of_modalities[rows][:, list(members)])
        return combined


def fit_anchor(data: FoldData, single: UnimodalModels, views: NDArray[np.bool_]) -> Anchor:
    """Fit the weights of each view on the out-of-fold logits of the cases that have all of it."""
    present, labels = data.present[single.rows], data.labels[single.rows]
    stacks = {}
    for view in views:
        members = members_in(view)
        complete = present[:, list(members)].all(axis=1)
        if complete.sum() >= FEWEST_CASES:
            of_members = single.out_of_fold[complete][:, list(members)]
            stacks[members] = fit_stack(of_members, labels[complete], data.kind)
    return Anchor(tuple(one.model for one in single.chosen), stacks)
