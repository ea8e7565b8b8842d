"""The paper's network, many at once: the same numbers as `PaperNetwork`."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from mmfeat.fusion.networks.paper_network import PaperNetwork
from mmfeat.fusion.stacked.architectures import Parameters
from mmfeat.fusion.stacked.batched_layers import layer_norm, linear
from mmfeat.fusion.stacked.batches import StackedBatch, through_views
from mmfeat.fusion.stacked.hidden_units import HiddenUnits

_JOINT, _HIDDEN = range(2)
"""Numbers of the layers that dropout hides in."""


@dataclass(frozen=True)
class PaperArchitecture:
    """Describe paper networks of one shape."""

    widths: tuple[int, ...]
    n_outputs: int
    learnable_tokens: bool = True
    token_deviation: float = 0.02

    @property
    def widest_hidden(self) -> int:
        """Return the joint width."""
        return sum(self.widths)

    @property
    def n_hiding_layers(self) -> int:
        """Return two: before and after the hidden layer."""
        return 2

    def build(self, dropout: float = 0.0) -> PaperNetwork:
        """Build one network."""
        return PaperNetwork(
            self.widths,
            n_outputs=self.n_outputs,
            dropout=dropout,
            learnable_tokens=self.learnable_tokens,
            token_deviation=self.token_deviation,
        )

    def represent(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch hidden"]:
        """Return ``LN(h)`` of every head."""
        filled = []
        for modality, values in enumerate(batch.features):
            norm = _layer(parameters, f"modality_norms.{modality}")
            token = parameters[f"tokens._tokens.{modality}"]
            filled.append(
                through_views(
                    layer_norm(values, *norm),
                    layer_norm(token[:, None], *norm)[:, 0],
                    batch.visible[..., modality],
                )
            )
        joint = layer_norm(torch.cat(filled, dim=-1), *_layer(parameters, "joint_norm"))
        joint = functional.relu(joint)  # (heads, views, batch, sum of widths)
        if hide is not None:
            joint = hide(joint, _JOINT)
        hidden = linear(joint, *_layer(parameters, "hidden"))
        return layer_norm(hidden, *_layer(parameters, "hidden_norm"))

    def outputs(
        self, parameters: Parameters, batch: StackedBatch, hide: HiddenUnits | None
    ) -> Float[Tensor, "heads views batch outputs"]:
        """Return the logits of every head."""
        hidden = self.represent(parameters, batch, hide)
        if hide is not None:
            hidden = hide(hidden, _HIDDEN)
        return linear(hidden, *_layer(parameters, "classifier"))


def _layer(parameters: Parameters, name: str) -> tuple[Tensor, Tensor]:
    return parameters[f"{name}.weight"], parameters[f"{name}.bias"]
