"""The network of the default method, many at once: the same numbers as `ResidualNetwork`."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from mmfeat.fusion.networks.residual_network import ResidualNetwork
from mmfeat.fusion.stacked.architectures import Parameters
from mmfeat.fusion.stacked.batched_layers import linear
from mmfeat.fusion.stacked.batches import StackedBatch, through_views
from mmfeat.fusion.stacked.hidden_units import HiddenUnits


@dataclass(frozen=True)
class ResidualArchitecture:
    """Describe residual networks of one shape."""

    widths: tuple[int, ...]
    n_outputs: int
    d_projection: int = 64
    d_hidden: int = 64

    @property
    def widest_hidden(self) -> int:
        """Return the wider of the layers that dropout hides in."""
        return max(self.d_projection, self.d_hidden)

    @property
    def n_hiding_layers(self) -> int:
        """Return one for each projection, and one for the hidden layer."""
        return len(self.widths) + 1

    def build(self, dropout: float = 0.0) -> ResidualNetwork:
        """Build one network."""
        return ResidualNetwork(
            self.widths,
            n_outputs=self.n_outputs,
            dropout=dropout,
            d_projection=self.d_projection,
            d_hidden=self.d_hidden,
        )

    def represent(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch hidden"]:
        """Return the hidden layer of every head."""
        filled = []
        for modality, values in enumerate(batch.features):
            projected = linear(values, *_layer(parameters, f"projections.{modality}"))
            if hide is not None:
                projected = hide(projected, modality)
            token = parameters[f"tokens._tokens.{modality}"]
            filled.append(through_views(projected, token, batch.visible[..., modality]))
        total, squares = sum(filled[1:], filled[0]), sum(x.square() for x in filled)
        # Half of (square of the sum - sum of the squares) is the sum over pairs of modalities of
        # their products.
        products = (total.square() - squares) / 2
        hidden = linear(torch.cat([total, products], dim=-1), *_layer(parameters, "hidden"))
        return functional.gelu(hidden)

    def outputs(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch outputs"]:
        """Return what each head adds to the offsets."""
        hidden = self.represent(parameters, batch, hide)
        if hide is not None:
            hidden = hide(hidden, len(self.widths))
        return linear(hidden, *_layer(parameters, "last"))


def _layer(parameters: Parameters, name: str) -> tuple[Tensor, Tensor]:
    return parameters[f"{name}.weight"], parameters[f"{name}.bias"]
