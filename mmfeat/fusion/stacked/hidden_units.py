"""Dropout for a stack of heads, each with its own rate and its own random masks."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmfeat.fusion.stacked.counters import MASKS, StepRandom

_LEVELS = 256
_MASKS_PER_WORD = 4


@dataclass(frozen=True)
class HiddenUnits:
    """Hide values at random in one step, one random byte for each value.

    Word ``x`` of a layer becomes ``a x + b`` modulo 2**64, of which the upper four bytes are used;
    ``a`` and ``b`` are hashes of seed, step and layer. For 32-bit ``x`` the upper half is uniform
    and independent between any two positions (Dietzfelbinger, 1996): two integer operations for
    four masks. Rates come in steps of 1/256, as in `CheapDropout`; the scale is exact for the rate
    that is used.

    Shape:
        - ``factors``, ``shifts``: ``(heads, layers)`` from `for_step`.
        - ``n_dropped_levels``: ``(heads,)`` of int16, from 0 to 255.
        - ``words``: ``(words,)`` from `position_words`, at least a quarter of a layer's values.
    """

    factors: Int[Tensor, "heads layers"]
    shifts: Int[Tensor, "heads layers"]
    n_dropped_levels: Int[Tensor, " heads"]
    words: Int[Tensor, " words"]

    @classmethod
    def for_step(
        cls,
        random: StepRandom,
        n_layers: int,
        n_dropped_levels: Int[Tensor, " heads"],
    ) -> "HiddenUnits":
        """Make what the masks of all layers of a step are made from."""
        of_layers = random.draw(MASKS, 2 * n_layers)
        factors, shifts = of_layers[:, :n_layers] | 1, of_layers[:, n_layers:]
        return cls(factors, shifts, n_dropped_levels, random.words)

    def __call__(self, values: Float[Tensor, " heads *rest"], layer: int) -> Tensor:
        """Return the values of a layer with some of them hidden and the others scaled up."""
        kept = self.kept(values, layer)
        scale = _LEVELS / (_LEVELS - self.n_dropped_levels).to(values.dtype)
        return values * (kept * scale.view(-1, *[1] * (values.ndim - 1)))

    def kept(
        self, values: Float[Tensor, " heads *rest"], layer: int
    ) -> Bool[Tensor, " heads *rest"]:
        """Return the mask of what is not hidden."""
        n_values = values[0].numel()
        words = self.words[: -(-n_values // _MASKS_PER_WORD)]
        words = words * self.factors[:, layer, None] + self.shifts[:, layer, None]  # (heads, words)
        levels = words.view(torch.uint8).view(len(words), -1, 8)[:, :, _MASKS_PER_WORD:]
        kept = levels >= self.n_dropped_levels[:, None, None]
        return kept.flatten(1)[:, :n_values].reshape(values.shape)


def dropped_levels(rate: float) -> int:
    """Return the rate in steps of 1/256; a rate below 1 never hides everything.

    Raises:
        ValueError: It is not a rate.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"dropout must be at least 0 and below 1, got {rate}")
    return min(round(rate * _LEVELS), _LEVELS - 1)
