"""Tokens on their way into a shard: how many each row has, their digests, and the numbers."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOKENS_FIELD = "tokens"
"""Field of a cache folder's recipe; where it is there, each row has tokens beside its vector."""
Tokens = NDArray[np.float32]
"""The tokens of one row, or those of several side by side: ``(tokens, token_size)``."""


def keeps_tokens(recipe: Mapping[str, Any]) -> bool:
    """Say whether the rows of a cache folder have tokens, by its recipe."""
    return recipe.get(TOKENS_FIELD) is not None


@dataclass(frozen=True)
class TokenRows:
    """Hold the tokens of rows in order, each of which has at least one.

    They may be too many for the memory: ``pieces`` gives them in the order of the rows, each time
    it is called, in pieces of whole tokens.
    """

    counts: NDArray[np.int64]
    """How many each row has: ``(rows,)``."""
    digests: Sequence[bytes]
    """SHA-256 of each row's tokens."""
    width: int
    pieces: Callable[[], Iterable[Tokens]]

    @classmethod
    def of_arrays(cls, arrays: Sequence[Tokens]) -> "TokenRows":
        """Take tokens that are in memory.

        Raises:
            ValueError: A row has none, or rows differ in width.
        """
        rows = [np.ascontiguousarray(array, "<f4") for array in arrays]
        shapes = sorted({array.shape for array in rows})
        if any(len(shape) != 2 or 0 in shape or shape[1] != shapes[0][1] for shape in shapes):
            raise ValueError(f"tokens must be rows x one width, at least one row, got {shapes}")
        counts = np.array([len(array) for array in rows], np.int64)
        return cls(counts, [token_digest(array) for array in rows], shapes[0][1], lambda: rows)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where the tokens of each row begin, and last where all end: ``(rows + 1,)``."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)


def token_digest(tokens: Tokens) -> bytes:
    """Return the SHA-256 of the little-endian bytes of a row's tokens."""
    return hashlib.sha256(np.ascontiguousarray(tokens, "<f4").data).digest()


def content_of_tokens(tokens: TokenRows) -> str:
    """Return the SHA-256, in hex, of the tokens of rows in their order, however they are stored.

    Of each row go in: how many tokens it has, as little-endian int64, and their own SHA-256.
    """
    total = hashlib.sha256()
    for count, digest in zip(tokens.counts.tolist(), tokens.digests, strict=True):
        total.update(count.to_bytes(8, "little") + digest)
    return total.hexdigest()
