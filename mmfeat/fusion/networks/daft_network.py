"""DAFT: the other modalities scale and shift what the network sees of the image.

After Poelsterl, Wolf and Wachinger, "Combining 3D Image and Tabular Data via the Dynamic Affine
Feature Map Transform", MICCAI 2021 (arXiv 2107.05990).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.modality_tokens import ModalityTokens, replace_absent


class DaftNetwork(nn.Module):
    """Scale and shift one modality by what all say, then one residual block and the classifier.

    With ``f`` the projected image and ``x`` the other modalities side by side, as published::

        [s; t] = W2 ReLU(W1 [f; x])            no biases, a bottleneck of 7
        g = s * f + t
        y = V Drop(ReLU(g + LN(B2 ReLU(LN(B1 g))))) + d

    NOTE: the published block is the last of a 3-D ResNet that is trained as a whole, with batch
    norms, and ``f`` in its bottleneck is the mean of the feature map. Behind a frozen encoder the
    feature is that mean, a learnt projection stands for the blocks before, and layer norms are
    independent of which other cases are in the batch. Nothing was published for absent modalities:
    learnable tokens stand in for them here.

    Shape:
        - ``features``: for each modality ``(batch, width)``.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, n_outputs)``, logits.

    Example:
        >>> network = DaftNetwork([3, 2], n_outputs=1, dropout=0.0)
        >>> features, visible = [torch.ones(1, 3), torch.ones(1, 2)], torch.ones(1, 2).bool()
        >>> network(features, torch.tensor([0]), visible).shape
        torch.Size([1, 1])
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        n_outputs: int,
        dropout: float,
        scaled: int = 0,
        d_scaled: int = 128,
        d_bottleneck: int = 7,
    ) -> None:
        super().__init__()
        if not 0 <= scaled < len(widths):
            raise ValueError(f"scaled must be one of {len(widths)} modalities, got {scaled}")
        self.scaled = scaled
        self.projection = nn.Linear(widths[scaled], d_scaled)
        self.projection_norm = nn.LayerNorm(d_scaled)
        inner = [d_scaled if m == scaled else width for m, width in enumerate(widths)]
        self.tokens = ModalityTokens(inner)
        self.squeeze = nn.Linear(sum(inner), d_bottleneck, bias=False)
        self.scale_and_shift = nn.Linear(d_bottleneck, 2 * d_scaled, bias=False)
        self.first = nn.Linear(d_scaled, d_scaled)
        self.first_norm = nn.LayerNorm(d_scaled)
        self.second = nn.Linear(d_scaled, d_scaled)
        self.second_norm = nn.LayerNorm(d_scaled)
        self.dropout = CheapDropout(dropout)
        self.classifier = nn.Linear(d_scaled, n_outputs)

    def forward(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return the logits of each pair of case and view."""
        filled = []
        for modality, values in enumerate(features):
            inner = values
            if modality == self.scaled:
                inner = functional.relu(self.projection_norm(self.projection(values)))
            filled.append(replace_absent(inner[rows], self.tokens[modality], visible[:, modality]))
        bottleneck = functional.relu(self.squeeze(torch.cat(filled, dim=1)))
        scale, shift = self.scale_and_shift(bottleneck).chunk(2, dim=1)  # (pairs, d_scaled) each
        moved = scale * filled[self.scaled] + shift
        inner = functional.relu(self.first_norm(self.first(moved)))
        joined = functional.relu(moved + self.second_norm(self.second(inner)))
        logits: Tensor = self.classifier(self.dropout(joined))
        return logits


@dataclass(frozen=True)
class DaftArchitecture:
    """Describe such a network."""

    widths: tuple[int, ...]
    n_outputs: int
    scaled: int = 0
    """Position of the modality that is scaled and shifted."""

    def build(self, dropout: float = 0.0) -> DaftNetwork:
        """Build one network."""
        return DaftNetwork(
            self.widths, n_outputs=self.n_outputs, dropout=dropout, scaled=self.scaled
        )
