"""The network of the default method: what linear models of single modalities cannot say."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.modality_tokens import ModalityTokens, replace_absent


class ResidualNetwork(nn.Module):
    """Add to a given logit what the modalities say beyond it, together.

    Each modality is projected once to the same small width; a learnable token stands in where it is
    not visible. The sum of the projections and the sum of their products over all pairs of
    modalities (so that they interact, which a sum alone cannot) go through one hidden layer. The
    last layer starts at zero: the untrained network adds nothing.

    Shape:
        - ``features``: for each modality ``(batch, width)``.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, n_outputs)``, to be added to logits.

    Example:
        >>> network = ResidualNetwork([3, 2], n_outputs=1, dropout=0.0)
        >>> features, rows = [torch.ones(1, 3), torch.ones(1, 2)], torch.tensor([0, 0])
        >>> network(features, rows, torch.tensor([[True, False], [True, True]])).tolist()
        [[0.0], [0.0]]
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        n_outputs: int,
        dropout: float,
        d_projection: int = 64,
        d_hidden: int = 64,
    ) -> None:
        super().__init__()
        self.d_hidden = d_hidden
        self.projections = nn.ModuleList(nn.Linear(width, d_projection) for width in widths)
        self.projection_dropouts = nn.ModuleList(CheapDropout(dropout) for _ in widths)
        self.tokens = ModalityTokens([d_projection] * len(widths))
        self.hidden = nn.Linear(2 * d_projection, d_hidden)
        self.hidden_dropout = CheapDropout(dropout)
        self.last = nn.Linear(d_hidden, n_outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    @property
    def last_layer(self) -> nn.Linear:
        """Return the layer that answers from the hidden one."""
        return self.last

    def represent(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        """Return the hidden layer: ``(pairs, d_hidden)``."""
        joint = self.project(features, rows, visible)
        total = joint.sum(0)
        # Half of (square of the sum - sum of the squares) is the sum over pairs of modalities of
        # their products.
        products = (total.square() - joint.square().sum(0)) / 2
        return functional.gelu(self.hidden(torch.cat([total, products], dim=1)))

    def project(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "modalities pairs projection"]:
        """Return each modality's projection, or its token where it is not visible."""
        filled = []
        layers = zip(self.projections, self.projection_dropouts, strict=True)
        for modality, (projection, dropout) in enumerate(layers):
            projected = dropout(projection(features[modality]))[rows]
            filled.append(replace_absent(projected, self.tokens[modality], visible[:, modality]))
        return torch.stack(filled)

    def forward(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return what is to be added to the logits of each pair of case and view."""
        hidden = self.represent(features, rows, visible)
        logits: Tensor = self.last(self.hidden_dropout(hidden))
        return logits
