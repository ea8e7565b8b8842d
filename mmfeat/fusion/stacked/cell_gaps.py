"""Cells of records that are hidden in training: the rule of `CellHider`, for a stack of heads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmfeat.fusion.cell_dropout import CellDropout
from mmfeat.fusion.stacked.counters import CELLS, StepRandom

_BITS = 24
"""Of each random word, as many as a float32 between 0 and 1 can tell apart."""


@dataclass(frozen=True)
class CellGaps:
    """Hold how cells of one modality are hidden, for each set of the cohort's features.

    Shape:
        - ``column_of``, ``when_unknown``: ``(sets, width)``, as in `CellDropout`.
        - ``largest_share``: ``(sets,)``.
    """

    column_of: Int[Tensor, "sets width"]
    when_unknown: Float[Tensor, "sets width"]
    largest_share: Float[Tensor, " sets"]
    n_columns: int

    def hide(
        self,
        features: Float[Tensor, "heads batch width"],
        present: Bool[Tensor, "heads batch"],
        *,
        sets: Int[Tensor, " heads"],
        random: StepRandom,
        modality: int,
    ) -> Float[Tensor, "heads batch width"]:
        """Return the features with cells hidden of the cases that have a record.

        Args:
            features: Of each head's batch.
            present: Which cases have the record.
            sets: Which set of the cohort each head's features are of.
            random: Of the step.
            modality: Its position, so that two records lose cells independently.
        """
        n_heads, n_cases, _ = features.shape
        words = random.draw(CELLS + modality, n_cases * (self.n_columns + 1))
        numbers = ((words >> (64 - _BITS)) & (2**_BITS - 1)).float() / 2**_BITS
        numbers = numbers.view(n_heads, n_cases, self.n_columns + 1)
        shares = self.largest_share.index_select(0, sets)[:, None, None] * numbers[..., -1:]
        hidden = numbers[..., :-1] < shares  # (heads, batch, columns)
        column_of = self.column_of.index_select(0, sets)[:, None].expand(-1, n_cases, -1)
        gone = hidden.gather(2, column_of) & present[..., None]
        return torch.where(gone, self.when_unknown.index_select(0, sets)[:, None], features)


def cell_gaps(
    dropouts: Sequence[CellDropout | None], device: str, dtype: torch.dtype
) -> CellGaps | None:
    """Put the rules of one modality's sets on the device; None where no set has one.

    Raises:
        ValueError: Some sets have one and others have none.
    """
    given = [dropout for dropout in dropouts if dropout is not None]
    if not given:
        return None
    if len(given) < len(dropouts):
        raise ValueError("cells are hidden in some folds of a stack and not in others")
    return CellGaps(
        torch.from_numpy(np.stack([one.column_of for one in given])).to(device),
        torch.from_numpy(np.stack([one.when_unknown for one in given])).to(device, dtype),
        torch.tensor([one.largest_share for one in given], device=device),
        1 + max(int(one.column_of.max()) for one in given),
    )
