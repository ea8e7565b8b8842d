"""Any fusion network behind attention pooling: sets of vectors in, logits out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from mmfeat.fusion.networks.architectures import Architecture
from mmfeat.fusion.networks.attention_pooling import AttentionPooling
from mmfeat.fusion.networks.bags import Bag
from mmfeat.fusion.training.contrastive_stage import RepresentingNetwork


class AttendedNetwork(nn.Module):
    """Pool the sets of the modalities that have them, then let a fusion network see the pooled.

    Shape:
        - ``features``: for each modality ``(batch, width)``, or a `Bag`.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, outputs)``, what the fusion network answers.
    """

    def __init__(self, network: nn.Module, widths: Sequence[int | None]) -> None:
        """Make the pooling of each modality.

        Args:
            network: What comes after.
            widths: For each modality, the width of its sets' vectors; None where it has no sets.
        """
        super().__init__()
        self.network = network
        self.poolings = nn.ModuleDict(
            {str(m): AttentionPooling(width) for m, width in enumerate(widths) if width is not None}
        )

    @property
    def d_hidden(self) -> int:
        """Return the width of the fusion network's representation."""
        return cast(RepresentingNetwork, self.network).d_hidden

    @property
    def last_layer(self) -> nn.Module:
        """Return the fusion network's layer that no representation goes through."""
        return cast(RepresentingNetwork, self.network).last_layer

    def forward(
        self,
        features: Sequence[Tensor | Bag],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return the logits of each pair of case and view."""
        answers: Tensor = self.network(self.pooled(features), rows, visible)
        return answers

    def represent(
        self,
        features: Sequence[Tensor | Bag],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        """Return the representation that the fusion network's contrastive stage works on."""
        network = cast(RepresentingNetwork, self.network)
        return network.represent(self.pooled(features), rows, visible)

    def pooled(self, features: Sequence[Tensor | Bag]) -> list[Tensor]:
        """Return one vector of each case in each modality: ``(batch, width)``."""
        return [
            self.poolings[str(modality)](values) if isinstance(values, Bag) else values
            for modality, values in enumerate(features)
        ]


@dataclass(frozen=True)
class AttendedArchitecture:
    """Describe a network behind attention pooling."""

    after: Architecture
    """Of the fusion network; sets are as wide as its modality, pooled."""
    set_widths: tuple[int | None, ...]

    def build(self, dropout: float = 0.0) -> AttendedNetwork:
        """Build one network."""
        return AttendedNetwork(self.after.build(dropout), self.set_widths)
