"""Heads that are one network as torch modules."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from mmfeat.fusion.network_head import NetworkHead
from mmfeat.fusion.portable.task_answers import answers_of
from mmfeat.fusion.single import SingleHead


def masked(
    features: Sequence[Float[Tensor, "rows _"]], visible: Bool[Tensor, "rows modalities"]
) -> list[Float[Tensor, "rows _"]]:
    """Return the features, zero where they are not visible: what is hidden cannot count."""
    return [
        torch.where(visible[:, [place]], values, torch.zeros_like(values))
        for place, values in enumerate(features)
    ]


class NetworkModule(nn.Module):
    """Answer as a `NetworkHead` does."""

    added: Tensor

    def __init__(self, head: NetworkHead) -> None:
        super().__init__()
        self.task = head.task
        self.network = head.network
        added = head.added or (0.0,) * head.task.n_outputs
        self.register_buffer("added", torch.tensor(added, dtype=torch.float64))

    def logits(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the logits of each row."""
        rows = torch.arange(visible.shape[0])
        logits: Tensor = self.network(masked(features, visible), rows, visible)
        return logits.double() + self.added

    def forward(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the answers of each row."""
        return answers_of(self.logits(features, visible), self.task)


class SingleModule(nn.Module):
    """Answer as a `SingleHead` does: by some modalities alone, or else the base rate."""

    base: Tensor

    def __init__(self, head: SingleHead) -> None:
        super().__init__()
        self.alone = NetworkModule(head.alone)
        names = list(head.widths)
        self.places = [names.index(name) for name in head.alone.inputs.widths]
        self.register_buffer("base", torch.from_numpy(head.base.copy()))

    def forward(
        self,
        features: Sequence[Float[Tensor, "rows _"]],
        visible: Bool[Tensor, "rows modalities"],
    ) -> Float[Tensor, "rows outputs"]:
        """Return the answers of each row."""
        seen = visible[:, self.places]
        shown = seen.any(1, keepdim=True)
        # A row that shows none of them is answered by the base rate, whatever the network says.
        logits = self.alone.logits([features[place] for place in self.places], seen | ~shown)
        return answers_of(torch.where(shown, logits, self.base), self.alone.task)
