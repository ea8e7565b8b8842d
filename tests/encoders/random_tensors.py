"""Random values in place of weights."""

from collections.abc import Mapping

import torch
from torch import Tensor


def random_tensors(shapes_of: Mapping[str, Tensor], seed: int) -> dict[str, Tensor]:
    """Return random values for every tensor, such that signals neither die nor explode."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for key, like in shapes_of.items():
        fan_in = max(like[0].numel() if like.ndim > 1 else 1, 1)
        values = torch.randn(like.shape, generator=generator) / fan_in**0.5
        if not like.is_floating_point():  # a counter of batches, or places in a table of 13^3 rows
            state[key] = torch.randint(7, 13**3, like.shape, generator=generator, dtype=like.dtype)
        elif key.endswith("running_var") or (like.ndim == 1 and key.endswith("weight")):
            state[key] = 0.5 + values.abs()
        else:
            state[key] = values
    return state
