"""What training and embedding ask of a network of the record."""

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmfeat.record_encoders.cells import Cells

_CASES_AT_ONCE = 1024


class RecordNetwork(nn.Module, ABC):
    """Turn cells into an embedding, and the embedding into logits, or several members' logits.

    Shape:
        - ``embed``: ``(cases, width)``; unknown cells have a learned vector or a flag, no value.
        - ``member_logits``: ``(members, cases, outputs)``; one member, save for ensembles.
    """

    width: int
    """Of the embedding."""

    @abstractmethod
    def embed(self, cells: Cells) -> Float[Tensor, "cases width"]:
        """Return what the last layer before the outputs gives."""

    @abstractmethod
    def member_logits(self, cells: Cells) -> Float[Tensor, "members cases outputs"]:
        """Return each member's logits; each member is trained on its own loss."""


def embedded_in_chunks(network: RecordNetwork, cells: Cells) -> Float[Tensor, "cases width"]:
    """Embed any number of cases with a network that is in evaluation mode."""
    with torch.inference_mode():
        parts = [
            network.embed(cells.part(slice(start, start + _CASES_AT_ONCE)))
            for start in range(0, len(cells), _CASES_AT_ONCE)
        ]
    return torch.cat(parts) if parts else torch.zeros(0, network.width)
