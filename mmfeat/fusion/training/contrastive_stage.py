"""The first stage of the paper's training: views of cases with one label are brought together."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor, nn

from mmfeat.fusion.fold_data import FoldData
from mmfeat.fusion.networks.bags import Bag
from mmfeat.fusion.training.contrast_labels import contrast_kind, contrast_labels
from mmfeat.fusion.training.network_jobs import Contrast
from mmfeat.losses.contrastive import (
    PUBLISHED_BIAS,
    clamped_temperature,
    label_agreement,
    pair_weights,
    starting_bias,
    views_contrastive_loss,
)
from mmfeat.losses.kinds import LabelKind

D_PROJECTION = 128
_STARTING_TEMPERATURE = 10.0
_CASES_FOR_BIAS = 2048
_NETWORK = "network."


@runtime_checkable
class RepresentingNetwork(Protocol):
    """A network whose last layer answers from a representation of each pair of case and view."""

    d_hidden: int

    @property
    def last_layer(self) -> nn.Module:
        """Return the layer that no representation goes through."""

    def represent(
        self,
        features: Sequence[Tensor | Bag],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        """Return the representation: ``(pairs, d_hidden)``."""


class ContrastiveNetwork(nn.Module):
    """Put a projection head, a temperature and a bias on a network; only the network is kept.

    Shape:
        - Output: ``(pairs, 128)``, projections.
    """

    def __init__(self, network: nn.Module, *, bias: float) -> None:
        super().__init__()
        if not isinstance(network, RepresentingNetwork):
            raise ValueError(f"a contrastive stage has no use for {type(network).__name__}")
        self.network = network
        # No projection goes through it: it is neither trained nor decayed in this stage.
        network.last_layer.requires_grad_(False)
        self.projection = nn.Sequential(
            nn.Linear(network.d_hidden, network.d_hidden),
            nn.ReLU(),
            nn.Linear(network.d_hidden, D_PROJECTION),
        )
        self.log_temperature = nn.Parameter(torch.tensor(math.log(_STARTING_TEMPERATURE)))
        self.bias = nn.Parameter(torch.tensor(bias))

    def forward(
        self,
        features: Sequence[Tensor | Bag],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs dim"]:
        """Return the projection of each pair of case and view."""
        projected: Tensor = self.projection(self.network.represent(features, rows, visible))
        return projected


def temperature_of(log_temperature: Tensor, contrast: Contrast) -> Tensor:
    """Return the temperature, clamped unless the contrast leaves it free."""
    if contrast.clamps_temperature:
        return clamped_temperature(log_temperature)
    return log_temperature.exp()


def contrast_loss(
    network: nn.Module,
    projected: Float[Tensor, "views batch dim"],
    takes_part: Bool[Tensor, "views batch"],
    labels: Float[Tensor, "batch columns"],
    *,
    kind: LabelKind,
    contrast: Contrast,
) -> Float[Tensor, ""]:
    """Return the loss over all pairs of views of a batch.

    Args:
        network: The `ContrastiveNetwork` that projected.
        projected: Every case through every view.
        takes_part: Which cases take part in which view.
        labels: By which cases are compared; NaN where that is not known.
        kind: Of the labels.
        contrast: The rules.
    """
    agreement = label_agreement(labels, kind)
    return views_contrastive_loss(
        projected,
        takes_part,
        agreement,
        temperature=temperature_of(network.get_parameter("log_temperature"), contrast),
        bias=network.get_parameter("bias"),
        weights=pair_weights(labels, agreement, kind) if contrast.balanced_pairs else None,
    )


def bias_at_start(data: FoldData, rows: NDArray[np.int64], contrast: Contrast) -> float:
    """Return where the bias starts: as published, or at the logit of the share of agreeing pairs.

    Args:
        data: The fold.
        rows: The training part, of which the first cases are looked at.
        contrast: The rules.
    """
    if contrast.published_bias:
        return PUBLISHED_BIAS
    labels = torch.from_numpy(data.labels[rows[:_CASES_FOR_BIAS]]).float()
    some, kind = contrast_labels(data.task, labels), contrast_kind(data.task)
    agreement = label_agreement(some, kind)
    weights = pair_weights(some, agreement, kind) if contrast.balanced_pairs else None
    return starting_bias(agreement, weights)


def network_part(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the part of the network itself: what the second stage starts from."""
    return {
        name.removeprefix(_NETWORK): values
        for name, values in state.items()
        if name.startswith(_NETWORK)
    }
