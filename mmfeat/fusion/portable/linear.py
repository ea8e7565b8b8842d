"""Linear heads as torch modules, in float64 as they are fitted."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mmfeat.fusion.anchored_head import AnchoredHead
from mmfeat.fusion.linear_models.linear_model import LinearModel
from mmfeat.fusion.linear_models.stacking import Stack, mean_stack
from mmfeat.fusion.logistic import LinearHead
from mmfeat.fusion.modality_sets import Members
from mmfeat.fusion.portable.networks import masked
from mmfeat.fusion.portable.seen_sets import all_sets, chosen_by_set, code_of, codes_of
from mmfeat.fusion.portable.task_answers import answers_of


class LinearLogits(nn.Module):
    """Compute ``features @ coefficients + intercepts`` in float64."""

    coefficients: Tensor
    intercepts: Tensor

    def __init__(self, model: LinearModel) -> None:
        super().__init__()
        self.register_buffer("coefficients", torch.from_numpy(model.coefficients.copy()))
        self.register_buffer("intercepts", torch.from_numpy(model.intercepts.copy()))

    def forward(self, features: Float[Tensor, "rows width"]) -> Float[Tensor, "rows outputs"]:
        """Return the logits."""
        logits: Tensor = features.double() @ self.coefficients + self.intercepts
        return logits


class LinearModule(nn.Module):
    """Answer as a `LinearHead` does."""

    def __init__(self, head: LinearHead) -> None:
        super().__init__()
        self.task = head.task
        self.sets = all_sets(len(head.widths))
        self.modelled = tuple(head.models)
        self.models = nn.ModuleList(LinearLogits(model) for model in head.models.values())

    def forward(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the answers of each row."""
        of_models = {
            members: answers_of(model(_joined(features, members)), self.task)
            for members, model in zip(self.modelled, self.models, strict=True)
        }
        of_sets = {}
        for members in self.sets:
            chosen = [members] if members in of_models else [(one,) for one in members]
            of_sets[code_of(members)] = torch.stack([of_models[one] for one in chosen]).mean(0)
        return chosen_by_set(codes_of(visible), of_sets)


class AnchoredModule(nn.Module):
    """Answer as an `AnchoredHead` does."""

    def __init__(self, head: AnchoredHead) -> None:
        super().__init__()
        anchor = head.anchor
        n_outputs = len(anchor.models[0].intercepts)
        self.task, self.shares = head.task, dict(head.shares)
        self.sets = all_sets(len(anchor.models))
        self.single = nn.ModuleList(LinearLogits(model) for model in anchor.models)
        self.stacks = nn.ModuleList(
            StackModule(anchor.stacks.get(members) or mean_stack(len(members), n_outputs))
            for members in self.sets
        )
        self.joint_shares = {members: one.share for members, one in anchor.joints.items()}
        self.joints = nn.ModuleList(LinearLogits(one.model) for one in anchor.joints.values())
        self.networks = nn.ModuleList(head.networks)

    def forward(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the answers of each row."""
        single = [model(values) for model, values in zip(self.single, features, strict=True)]
        joints = {
            members: model(_joined(features, members))
            for members, model in zip(self.joint_shares, self.joints, strict=True)
        }
        added = self._added(features, visible)
        of_sets = {}
        for members, stack in zip(self.sets, self.stacks, strict=True):
            logits = stack(torch.stack([single[one] for one in members], dim=1))
            if members in joints:
                logits = logits + self.joint_shares[members] * (joints[members] - logits)
            share = self.shares.get(members, 0.0)
            if share > 0 and added is not None:
                logits = logits + share * added
            of_sets[code_of(members)] = logits
        return answers_of(chosen_by_set(codes_of(visible), of_sets), self.task)

    def _added(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"] | None:
        """Return the mean of what the networks add; None where there are none."""
        if not len(self.networks):
            return None
        values, rows = masked(features, visible), torch.arange(visible.shape[0])
        added = [network(values, rows, visible).double() for network in self.networks]
        return torch.stack(added).mean(0)


class StackModule(nn.Module):
    """Combine the logits of the members of a set, as a `Stack` does."""

    weights: Tensor
    biases: Tensor
    centres: Tensor
    scales: Tensor
    product_weights: Tensor

    def __init__(self, stack: Stack) -> None:
        super().__init__()
        for name, values in vars(stack).items():
            if values.size:  # a set of one has no products; torch.export cannot save an empty array
                self.register_buffer(name, torch.from_numpy(values.copy()))
        self.pairs = [
            (first, second)
            for first in range(len(stack.weights))
            for second in range(first + 1, len(stack.weights))
        ]

    def forward(
        self, of_members: Float[Tensor, "rows members outputs"]
    ) -> Float[Tensor, "rows outputs"]:
        """Return the logits of the set."""
        combined: Tensor = (of_members * self.weights).sum(1) + self.biases
        scaled = (of_members - self.centres) / self.scales
        for number, (first, second) in enumerate(self.pairs):
            product = scaled[:, first] * scaled[:, second]
            combined = combined + product * self.product_weights[number]
        return combined


def _joined(
    features: Sequence[Float[Tensor, "rows _"]], members: Members
) -> Float[Tensor, "rows width"]:
    return torch.cat([features[member] for member in members], dim=1)
