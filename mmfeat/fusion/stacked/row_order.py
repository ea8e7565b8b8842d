"""In which order each head sees its training rows in an epoch."""

import torch
from jaxtyping import Int
from torch import Tensor

from mmfeat.fusion.stacked.counters import ROWS, combined

_LAST = 2**63 - 1


def shuffled(
    rows: Int[Tensor, "heads length"],
    n_rows: Int[Tensor, " heads"],
    seeds: Int[Tensor, " heads"],
    epochs: Int[Tensor, " heads"],
) -> Int[Tensor, "heads length"]:
    """Shuffle the first ``n_rows`` of each head's rows; what fills up the length stays behind them.

    A head's order depends on its seed, its epoch and its number of rows only.
    """
    positions = torch.arange(rows.shape[1], device=rows.device)
    keys = combined(combined(combined(seeds, ROWS), epochs)[:, None], positions[None])
    keys = torch.where(positions < n_rows[:, None], keys, _LAST)
    return rows.gather(1, keys.argsort(dim=1, stable=True))
