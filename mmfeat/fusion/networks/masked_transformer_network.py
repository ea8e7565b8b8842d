"""A transformer over the modalities that are there; absent ones are masked out of its attention.

After MARIA (Caruso, Soda and Guarrasi, arXiv 2412.14810) and the resilient vision-tabular
transformer (the same authors, arXiv 2605.12031).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from mmfeat.fusion.networks.cheap_dropout import CheapDropout
from mmfeat.fusion.networks.modality_tokens import ModalityTokens


class MaskedTransformerNetwork(nn.Module):
    """Let the modalities that are visible attend to each other, and answer from one summary token.

    Each modality is projected to one token, to which a learnable vector of the modality is added.
    Nothing stands in for an absent modality: no token attends to it.

    NOTE: MARIA joins the outputs at all places for its classifier, absent ones as zeros; here one
    more token, which attends to the visible ones, goes to the classifier. Its encoder of each
    modality is the frozen encoder here, and attention has no activations within.

    Shape:
        - ``features``: for each modality ``(batch, width)``.
        - ``rows``: ``(pairs,)``, the row of the batch that each pair of case and view is about.
        - ``visible``: ``(pairs, modalities)``, what the view leaves of the case.
        - Output: ``(pairs, n_outputs)``, logits.

    Example:
        >>> network = MaskedTransformerNetwork([3, 2], n_outputs=1, dropout=0.0)
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
        d_token: int = 64,
        n_attention_heads: int = 4,
        n_blocks: int = 2,
    ) -> None:
        super().__init__()
        self.projections = nn.ModuleList(nn.Linear(width, d_token) for width in widths)
        self.of_modalities = ModalityTokens([d_token] * len(widths))
        self.summary = ModalityTokens([d_token])
        self.blocks = nn.ModuleList(
            _Block(d_token, n_attention_heads, dropout) for _ in range(n_blocks)
        )
        self.last_norm = nn.LayerNorm(d_token)
        self.last_dropout = CheapDropout(dropout)
        self.classifier = nn.Linear(d_token, n_outputs)

    def forward(
        self,
        features: Sequence[Float[Tensor, "batch _"]],
        rows: Int[Tensor, " pairs"],
        visible: Bool[Tensor, "pairs modalities"],
    ) -> Float[Tensor, "pairs outputs"]:
        """Return the logits of each pair of case and view."""
        tokens = [self.summary[0].expand(len(rows), -1)]
        for modality, projection in enumerate(self.projections):
            tokens.append((projection(features[modality]) + self.of_modalities[modality])[rows])
        sequence = torch.stack(tokens, dim=1)  # (pairs, 1 + modalities, d_token)
        attended = functional.pad(visible, (1, 0), value=True)
        for block in self.blocks:
            sequence = block(sequence, attended)
        summary = self.last_dropout(self.last_norm(sequence[:, 0]))
        logits: Tensor = self.classifier(summary)
        return logits


@dataclass(frozen=True)
class MaskedTransformerArchitecture:
    """Describe such a network."""

    widths: tuple[int, ...]
    n_outputs: int

    def build(self, dropout: float = 0.0) -> MaskedTransformerNetwork:
        """Build one network."""
        return MaskedTransformerNetwork(self.widths, n_outputs=self.n_outputs, dropout=dropout)


class _Block(nn.Module):
    """Attend to the visible tokens, then change each token by itself; each step adds to it."""

    def __init__(self, d_token: int, n_attention_heads: int, dropout: float) -> None:
        super().__init__()
        if d_token % n_attention_heads:
            raise ValueError(
                f"d_token must be a multiple of the attention heads, got {d_token} and "
                f"{n_attention_heads}"
            )
        self.n_attention_heads = n_attention_heads
        self.attention_norm = nn.LayerNorm(d_token)
        self.query_key_value = nn.Linear(d_token, 3 * d_token)
        self.mix = nn.Linear(d_token, d_token)
        self.hidden_norm = nn.LayerNorm(d_token)
        self.widen = nn.Linear(d_token, 2 * d_token)
        self.narrow = nn.Linear(2 * d_token, d_token)
        self.dropout = CheapDropout(dropout)

    def forward(
        self, tokens: Float[Tensor, "pairs tokens width"], attended: Bool[Tensor, "pairs tokens"]
    ) -> Float[Tensor, "pairs tokens width"]:
        """Return the changed tokens; what stands at places not attended to is of no meaning."""
        n_pairs, n_tokens, width = tokens.shape
        split = self.query_key_value(self.attention_norm(tokens)).view(
            n_pairs, n_tokens, 3, self.n_attention_heads, width // self.n_attention_heads
        )
        query, key, value = split.permute(2, 0, 3, 1, 4)  # (pairs, attention heads, tokens, part)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=attended[:, None, None]
        )
        mixed = self.mix(mixed.transpose(1, 2).reshape(n_pairs, n_tokens, width))
        tokens = tokens + self._dropped(mixed)
        hidden = functional.gelu(self.widen(self.hidden_norm(tokens)))
        changed: Tensor = tokens + self.narrow(self._dropped(hidden))
        return changed

    def _dropped(
        self, values: Float[Tensor, "pairs tokens some"]
    ) -> Float[Tensor, "pairs tokens some"]:
        dropped: Tensor = self.dropout(values.flatten(1)).view(values.shape)
        return dropped
