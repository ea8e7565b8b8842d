"""The fusion network of Gu et al., MICCAI 2025 (arXiv 2509.18284), for any number of modalities."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.modality_tokens import ModalityTokens, replace_absent


class PaperNetwork(nn.Module):
    """Normalise each modality, join them, and classify through one hidden layer of half the width.

    With ``x_m`` the modality's feature, or its token where it is not visible::

        h = W Drop(ReLU(LN([LN_1(x_1); ...; LN_M(x_M)]))) + c     W: sum of widths -> half of it
        y = V Drop(LN(h)) + d

    With 2048 image and 192 table values and one output it has 2.52 million parameters, as
    published.

    Shape:
        - ``features``: for each modality ``(batch, width)``.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, n_outputs)``, logits.

    Example:
        >>> network = PaperNetwork([2048, 192], n_outputs=1, dropout=0.2)
        >>> sum(parameter.numel() for parameter in network.parameters())
        2524481
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        n_outputs: int,
        dropout: float,
        learnable_tokens: bool = True,
        token_deviation: float = 0.02,
    ) -> None:
        super().__init__()
        joint = sum(widths)
        self.d_hidden = max(1, round(joint / 2))
        self.tokens = ModalityTokens(widths, learnable=learnable_tokens, deviation=token_deviation)
        self.modality_norms = nn.ModuleList(nn.LayerNorm(width) for width in widths)
        self.joint_norm = nn.LayerNorm(joint)
        self.joint_dropout = CheapDropout(dropout)
        self.hidden = nn.Linear(joint, self.d_hidden)
        self.hidden_norm = nn.LayerNorm(self.d_hidden)
        self.hidden_dropout = CheapDropout(dropout)
        self.classifier = nn.Linear(self.d_hidden, n_outputs)

    @property
    def last_layer(self) -> nn.Linear:
        """Return the layer that answers from the hidden one."""
        return self.classifier

    def represent(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs hidden"]:
        """Return ``LN(h)``: ``(pairs, d_hidden)``."""
        filled = []
        for modality, norm in enumerate(self.modality_norms):
            # Each case is normalised once, however many views it is seen through.
            normalised = norm(features[modality])[rows]
            filled.append(
                replace_absent(normalised, norm(self.tokens[modality]), visible[:, modality])
            )
        joint = functional.relu(self.joint_norm(torch.cat(filled, dim=1)))  # (pairs, sum of widths)
        hidden: Tensor = self.hidden_norm(self.hidden(self.joint_dropout(joint)))
        return hidden

    def forward(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return the logits of each pair of case and view."""
        hidden = self.hidden_dropout(self.represent(features, rows, visible))
        logits: Tensor = self.classifier(hidden)
        return logits
