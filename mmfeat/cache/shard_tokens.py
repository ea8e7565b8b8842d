"""The tokens in a shard: one flat contiguous dataset, and where in it those of each row begin.

Layout, beside that of every shard, in a group `tokens`: `feature` ``(tokens, token_size)`` float32,
contiguous and uncompressed; `offset` ``(rows + 1,)`` int64; `sha256` ``(rows, 32)`` bytes. (A group
with more than eight entries is stored in another way, with gaps that no checksum covers; so these
three have one of their own.)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.token_rows import TokenRows


@dataclass(frozen=True)
class TokenTable:
    """Say where the tokens of each row of a shard lie in its file."""

    first_byte: int
    """Where the numbers begin in the file."""
    width: int
    offsets: NDArray[np.int64]
    """The tokens of row ``i`` are ``offsets[i]`` to ``offsets[i + 1]``, without the last."""
    digests: list[bytes]
    """SHA-256 of each row's tokens."""

    def n_tokens(self, row: int) -> int:
        """Return how many tokens a row has."""
        return int(self.offsets[row + 1] - self.offsets[row])

    @property
    def n_bytes(self) -> int:
        """Bytes of all tokens."""
        return int(self.offsets[-1]) * self.width * 4


def write_tokens(file: Any, tokens: TokenRows) -> None:  # noqa: ANN401 - an h5py file
    """Write tokens piece by piece, as they come.

    Raises:
        ValueError: The pieces are not as many tokens as the rows should have.
    """
    offsets = tokens.offsets
    n_tokens = int(offsets[-1])
    digests = np.frombuffer(b"".join(tokens.digests), np.uint8).reshape(-1, 32)
    group = file.create_group("tokens")
    group.create_dataset("sha256", data=digests, track_times=False)
    group.create_dataset("offset", data=offsets, dtype="<i8", track_times=False)
    shape = (n_tokens, tokens.width)
    written = group.create_dataset("feature", shape, dtype="<f4", track_times=False)
    n_written = 0
    for piece in tokens.pieces():
        written[n_written : n_written + len(piece)] = piece
        n_written += len(piece)
    if n_written != n_tokens:
        raise ValueError(f"{n_tokens} tokens were promised, and {n_written} came")


def read_token_table(file: Any, n_rows: int) -> TokenTable:  # noqa: ANN401 - an h5py file
    """Read where tokens lie, and check that it can be.

    Raises:
        ValueError: The parts do not fit together.
    """
    token, offsets = file["tokens/feature"], np.asarray(file["tokens/offset"][:], np.int64)
    table = file["tokens/sha256"][:].tobytes()
    digests = [table[start : start + 32] for start in range(0, len(table), 32)]
    first_byte = token.id.get_offset()
    sound = (
        token.dtype == np.dtype("<f4")
        and token.ndim == 2
        and first_byte is not None
        and offsets.shape == (n_rows + 1,)
        and offsets[0] == 0
        and offsets[-1] == len(token)
        and bool((np.diff(offsets) > 0).all())
        and len(digests) == n_rows
    )
    if not sound:
        raise ValueError("its tokens do not fit together")
    return TokenTable(first_byte, token.shape[1], offsets, digests)
