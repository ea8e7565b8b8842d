"""The anchor: linear models for every availability, to which networks only add."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, FoldData
from mmfeat.fusion.linear_models.joint_linear import joint_model, joint_sets, whole
from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.stacking import Stack, fit_stack, mean_stack
from mmfeat.fusion.linear_models.unimodal import UnimodalModels
from mmfeat.fusion.modality_sets import FEWEST_CASES, Members, members_in, sets_of
from mmfeat.fusion.probabilities import log_losses
from mmfeat.fusion.task import Task
from mmfeat.tabular.stored_vectors import blocks_of

Array = NDArray[np.float64]

_SHARES = np.linspace(0.0, 1.0, 41)
_LIKELY_SHARE, _SHARE_PRIOR = 0.75, 4.0
"""What a joint model's share is taken to be before the cases speak, and how strong that belief is:
to leave it out, the stack must lower the summed loss by 4 / 2 * 0.75**2 = 1.125. The joint model is
better where columns are few, whatever they say; where they are many, a few cases tell. From 0.5 to
0.75 and from 2 to 8, nothing matters much: means over 33 sets of cohorts differ by 0.001 AUROC."""


@dataclass(frozen=True)
class AnchorDesign:
    """Say what an anchor is made of beside the weighted logits of single modalities."""

    joint_models: bool = True
    """Models of whole sets answer too."""
    products: bool = True
    """The weights are also of products of two modalities' logits."""


WHOLE_ANCHOR = AnchorDesign()


@dataclass(frozen=True)
class Joint:
    """Hold a linear model of all columns of a set, and how much of the answer it gives."""

    model: LinearModel
    share: float


@dataclass(frozen=True)
class Anchor:
    """Hold a linear model for each modality, weights that combine them, and models of whole sets.

    A set is answered by the stack of its single models and by its joint model, where it has one.
    """

    models: tuple[LinearModel, ...]
    stacks: Mapping[Members, Stack]
    joints: Mapping[Members, Joint] = field(default_factory=dict)

    def logits(self, features: Features, visible: NDArray[np.bool_]) -> Array:
        """Return ``(cases, outputs)`` of what is ``visible`` ``(cases, modalities)``."""
        blocks = [
            self._logits_of_block({name: values[block] for name, values in features.items()}, seen)
            for block, seen in ((block, visible[block]) for block in blocks_of(len(visible)))
        ]
        n_outputs = len(self.models[0].intercepts)
        return np.concatenate([np.empty((0, n_outputs)), *blocks])

    def _logits_of_block(self, features: Features, visible: NDArray[np.bool_]) -> Array:
        n_outputs = len(self.models[0].intercepts)
        of_modalities = np.zeros((len(visible), len(self.models), n_outputs))
        for position, values in enumerate(features.values()):
            seen = visible[:, position]
            of_modalities[seen, position] = self.models[position].logits(values[seen])
        vectors, of_joints = list(features.values()), {}
        for members, rows in sets_of(visible):
            if members in self.joints:
                joined = np.hstack([vectors[member][rows] for member in members])
                of_joints[members] = np.empty((len(visible), n_outputs))
                of_joints[members][rows] = self.joints[members].model.logits(joined)
        return self.combine(of_modalities, visible, of_joints)

    def combine(
        self,
        of_modalities: Array,
        visible: NDArray[np.bool_],
        of_joints: Mapping[Members, Array],
    ) -> Array:
        """Combine logits of single modalities and of sets into ``(cases, outputs)``.

        Shape:
            - ``of_modalities``: ``(cases, modalities, outputs)``.
            - ``of_joints``: for each set ``(cases, outputs)``; only rows that show it are read.
        """
        combined = np.zeros((len(visible), of_modalities.shape[2]))
        for members, rows in sets_of(visible):
            stack = self.stacks.get(members) or mean_stack(len(members), combined.shape[1])
            combined[rows] = stack.logits(of_modalities[rows][:, list(members)])
            if members in self.joints:
                away = of_joints[members][rows] - combined[rows]
                combined[rows] += self.joints[members].share * away
        return combined


def fit_anchor(
    data: FoldData,
    single: UnimodalModels,
    views: NDArray[np.bool_],
    design: AnchorDesign = WHOLE_ANCHOR,
) -> Anchor:
    """Fit weights and shares of each view on the out-of-fold logits of cases that have all of it.

    Args:
        data: The fold.
        single: The models of its single modalities.
        views: The sets that get weights of their own.
        design: What it is made of.
    """
    labels = data.labels[single.rows]
    stacks = {}
    for view in views:
        members = members_in(view)
        complete = whole(data, single.rows, members)
        if complete.sum() >= FEWEST_CASES:
            of_members = single.out_of_fold[complete][:, list(members)]
            stacks[members] = fit_stack(
                of_members, labels[complete], data.task, with_products=design.products
            )
    joints = {}
    for members in joint_sets(data) if design.joint_models else ():
        complete = whole(data, single.rows, members)
        of_members = single.out_of_fold[complete][:, list(members)]
        stack = stacks.get(members) or mean_stack(len(members), data.n_outputs)
        joint = joint_model(data, members)
        share = choose_joint_share(
            stack.logits(of_members), joint.out_of_fold, labels[complete], data.task
        )
        joints[members] = Joint(joint.model, share)
    return Anchor(tuple(one.model for one in single.chosen), stacks, joints)


def out_of_fold_logits(
    anchor: Anchor, data: FoldData, single: UnimodalModels, visible: NDArray[np.bool_]
) -> Array:
    """Return an anchor's logits of the cases it was fitted to, from models that have not seen them.

    Shape:
        - ``visible``: ``(views, learnt, modalities)``; output: ``(views, learnt, outputs)``.
    """
    of_joints = {}
    for members in anchor.joints:
        of_joints[members] = np.full((len(single.rows), data.n_outputs), np.nan)
        complete = whole(data, single.rows, members)
        of_joints[members][complete] = single.joint[members].out_of_fold
    of_modalities = np.nan_to_num(single.out_of_fold)
    return np.stack([anchor.combine(of_modalities, seen, of_joints) for seen in visible])


def choose_joint_share(stacked: Array, joint: Array, labels: Array, task: Task) -> float:
    """Return how much of the answer a joint model gives: three quarters until the cases say more.

    Shape:
        - ``stacked``, ``joint``: ``(cases, outputs)``, logits of models that have not seen the
          cases; ``labels``: ``(cases, columns)``.
    """
    losses = [
        np.nansum(log_losses(stacked + share * (joint - stacked), labels, task))
        + _SHARE_PRIOR / 2 * (share - _LIKELY_SHARE) ** 2
        for share in _SHARES
    ]
    return float(_SHARES[int(np.argmin(losses))])
