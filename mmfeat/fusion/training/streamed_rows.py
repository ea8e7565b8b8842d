"""Features of cases that do not fit into memory: they are read in blocks, ahead of the training."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from mmfeat.tabular.stored_vectors import LazyVectors, StoredVectors

POOL_BYTES = 2**27
"""So much of the features is in memory at once, and as much again that is read meanwhile."""
BLOCK_ROWS = 256
"""Cases that lie side by side in the file and stay together until a pool is shuffled."""


@dataclass(frozen=True, eq=False)
class StreamedRows:
    """Stand for a tensor ``(cases, width)`` of which only parts are made.

    Shape:
        - ``present``: ``(cases,)``; a case that is not present is zero.
    """

    vectors: LazyVectors
    present: NDArray[np.bool_]
    device: str
    pool_bytes: int = POOL_BYTES

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.vectors)

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.vectors.shape[1]

    def pool_rows(self, batch_size: int) -> int:
        """Return how many cases are read at once: whole batches, at least one."""
        return max(1, self.pool_bytes // (4 * self.width) // batch_size) * batch_size

    def part(self, rows: Int[Tensor, " batch"]) -> Float[Tensor, "batch width"]:
        """Read some of the cases."""
        chosen = rows.cpu().numpy()
        values = self.vectors[chosen]
        values[~self.present[chosen]] = 0.0
        return torch.from_numpy(values).to(self.device)


def in_parts(rows: Int[Tensor, " cases"], size: int) -> Iterator[Int[Tensor, " part"]]:
    """Give rows in parts of ``size`` or, in the end, fewer."""
    for first in range(0, len(rows), size):
        yield rows[first : first + size]


def block_order(
    streamed: StreamedRows,
    generator: torch.Generator,
    *,
    n_in_pool: int,
    block_rows: int = BLOCK_ROWS,
) -> Int[Tensor, " cases"]:
    """Return all cases in a random order in which those of a pool lie in few places of the file.

    Blocks of cases that are neighbours in the file are shuffled, and then the cases of each pool of
    blocks. Where one pool holds all, it is the order of a cohort in memory.

    Args:
        streamed: The cases.
        generator: Shuffles.
        n_in_pool: Cases that are read at once.
        block_rows: Cases of a block.
    """
    n_cases = len(streamed)
    if n_cases <= n_in_pool:
        return torch.randperm(n_cases, generator=generator)
    blocks = list(in_parts(torch.from_numpy(_file_order(streamed.vectors)), block_rows))
    shuffled = torch.randperm(len(blocks), generator=generator).tolist()
    pools = in_parts(torch.cat([blocks[number] for number in shuffled]), n_in_pool)
    return torch.cat([pool[torch.randperm(len(pool), generator=generator)] for pool in pools])


def _file_order(vectors: LazyVectors) -> NDArray[np.int64]:
    """Return the cases as they lie in the files; those without a vector come first."""
    if not isinstance(vectors, StoredVectors):
        return np.arange(len(vectors))
    places = np.full(len(vectors), -1)
    some = vectors.counts > 0
    places[some] = vectors.places[vectors.offsets[:-1][some]]
    return np.argsort(places, kind="stable")
