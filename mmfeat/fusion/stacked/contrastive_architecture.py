"""A network with the projection head of the contrastive stage, alone or many at once."""

from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.stacked.architectures import Parameters, RepresentingArchitecture
from mmfeat.fusion.stacked.batched_layers import linear
from mmfeat.fusion.stacked.batches import StackedBatch
from mmfeat.fusion.stacked.hidden_units import HiddenUnits
from mmfeat.fusion.training.contrastive_stage import ContrastiveNetwork, network_part
from mmfeat.fusion.training.seeding import seeded


@dataclass(frozen=True)
class ContrastiveArchitecture:
    """Describe networks with a projection head: the outputs are projections.

    In a stack, the network within must be a `RepresentingArchitecture`; alone, what it builds must
    represent.
    """

    within: Architecture

    @property
    def widest_hidden(self) -> int:
        """Return that of the network within."""
        return self._representing.widest_hidden

    @property
    def n_hiding_layers(self) -> int:
        """Return that of the network within."""
        return self._representing.n_hiding_layers

    @property
    def _representing(self) -> RepresentingArchitecture:
        return cast(RepresentingArchitecture, self.within)

    def build(self, dropout: float = 0.0) -> ContrastiveNetwork:
        """Build one network, with a bias of zero."""
        return ContrastiveNetwork(self.within.build(dropout), bias=0.0)

    def outputs(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch dim"]:
        """Return the projections of every head."""
        hidden = self._representing.represent(network_part(parameters), batch, hide)
        first, last = (
            (parameters[f"projection.{n}.weight"], parameters[f"projection.{n}.bias"])
            for n in (0, 2)
        )
        return linear(functional.relu(linear(hidden, *first)), *last)


def start_of_contrast(
    architecture: ContrastiveArchitecture, *, seed: int, bias: float
) -> dict[str, Tensor]:
    """Return what a network starts from: the weights of its seed, and the bias of its labels."""
    with seeded(seed, "cpu"):
        start = architecture.build().state_dict()
    return {**start, "bias": torch.tensor(bias)}
