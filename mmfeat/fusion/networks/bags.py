"""Sets of vectors, of any number for each case, as a network reads them."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Bag:
    """Hold the vectors of some cases; those of one case lie side by side.

    Shape:
        - ``vectors``: ``(vectors, width)``.
        - ``offsets``: ``(cases + 1,)``; the vectors of case ``i`` are ``offsets[i]`` to
          ``offsets[i + 1]``, without the last.

    Example:
        >>> bag = Bag(torch.tensor([[1.0], [3.0], [5.0]]), torch.tensor([0, 2, 2, 3]))
        >>> bag.rows.tolist()
        [0, 0, 2]
        >>> bag.part(torch.tensor([2, 0])).vectors.tolist()
        [[5.0], [1.0], [3.0]]
    """

    vectors: Float[Tensor, "vectors width"]
    offsets: Int[Tensor, " ends"]

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.offsets) - 1

    @property
    def rows(self) -> Int[Tensor, " vectors"]:
        """Return the case of each vector."""
        return torch.arange(len(self), device=self.offsets.device).repeat_interleave(
            self.offsets.diff()
        )

    def part(self, rows: Int[Tensor, " batch"]) -> "Bag":
        """Return some of the cases, in the order of ``rows``."""
        counts = self.offsets.diff()[rows]
        offsets = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        starts = (self.offsets[rows] - offsets[:-1]).repeat_interleave(counts)
        places = starts + torch.arange(len(starts), device=starts.device)
        return Bag(self.vectors[places], offsets)
