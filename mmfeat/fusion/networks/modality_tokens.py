"""What stands in for a modality that is not there."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn


class ModalityTokens(nn.Module):
    """Hold one vector for each modality, to be put where the modality is not visible.

    Learnable tokens start from N(0, 0.02). NOTE: the published code starts them at zero, whose
    gradient the LayerNorm that follows amplifies about 316 times; ``deviation=0`` gives that start.
    Tokens that are not learnable stay at zero: plain zero filling.

    Example:
        >>> tokens = ModalityTokens([3, 2], learnable=False)
        >>> values, visible = torch.ones(2, 3), torch.tensor([True, False])
        >>> replace_absent(values, tokens[0], visible).tolist()
        [[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]]
    """

    def __init__(
        self, widths: Sequence[int], *, learnable: bool = True, deviation: float = 0.02
    ) -> None:
        super().__init__()
        if not widths or min(widths) < 1:
            raise ValueError(f"widths must be one or more positive numbers, got {list(widths)}")
        start = deviation if learnable else 0.0
        self._tokens = nn.ParameterList(
            nn.Parameter(start * torch.randn(width), requires_grad=learnable) for width in widths
        )

    def __getitem__(self, modality: int) -> Float[Tensor, " width"]:
        """Return the token of the modality at this position."""
        token: Tensor = self._tokens[modality]
        return token


def replace_absent(
    values: Float[Tensor, "rows width"],
    token: Float[Tensor, " width"],
    visible: Bool[Tensor, " rows"],
) -> Float[Tensor, "rows width"]:
    """Return the values, and the token in the rows where the modality is not visible."""
    return torch.where(visible[:, None], values, token)
