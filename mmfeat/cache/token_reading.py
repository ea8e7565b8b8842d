"""Read tokens from shards, each row compared with its digest: some into memory, or all in turn."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.damage import refuse_damaged, torn
from mmfeat.cache.shard import ShardIndex
from mmfeat.cache.shard_tokens import TokenTable
from mmfeat.cache.shared_disk import ShardGoneError
from mmfeat.cache.token_rows import TokenRows, Tokens, token_digest
from mmfeat.core_budget import allotted_cores
from mmfeat.errors import one_line

_RUN_BYTES = 16 * 2**20
_MOST_THREADS = 8
Place = tuple[int, int]
"""The number of a shard, and a row in it."""


@dataclass(frozen=True)
class TokensRead:
    """Hold the tokens of some rows in memory.

    Shape:
        - ``tokens``: ``(tokens of all rows, token_size)``, float32.
        - ``counts``: ``(rows,)``, 0 where there is no such row.
    """

    tokens: Tokens
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class _Run:
    """Name rows that lie side by side in a shard, and are wanted side by side."""

    shard: ShardIndex
    table: TokenTable
    first: int
    last: int
    """The row after the last one."""

    @property
    def n_tokens(self) -> int:
        return int(self.table.offsets[self.last] - self.table.offsets[self.first])


def read_tokens(shards: Sequence[ShardIndex], places: Sequence[Place | None]) -> TokensRead:
    """Read the tokens of rows, in the order asked for.

    Digests are compared on as many threads as there are cores for it, up to 8.

    Raises:
        CacheError: A shard is damaged.
        ShardGoneError: A shard has gone, as it does when another process compacts the folder.
    """
    counts = np.zeros(len(places), np.int64)
    for number, place in enumerate(places):
        if place is not None:
            counts[number] = _table(shards[place[0]]).n_tokens(place[1])
    width = _table(shards[0]).width if shards else 0
    tokens = np.empty((int(counts.sum()), width), "<f4")
    runs = list(_runs(shards, [place for place in places if place is not None]))
    starts = np.concatenate([[0], np.cumsum([run.n_tokens for run in runs])]).astype(np.int64)
    parts = [tokens[start : start + run.n_tokens] for run, start in zip(runs, starts, strict=False)]
    with ThreadPoolExecutor(min(allotted_cores(), _MOST_THREADS)) as pool:
        for _ in pool.map(_fill, runs, parts):
            pass
    return TokensRead(tokens, counts)


def stored_tokens(shards: Sequence[ShardIndex], places: Sequence[Place]) -> TokenRows | None:
    """Return the tokens of rows as they are to be written to another shard, not read yet.

    ``pieces`` takes 16 MiB of memory at a time, or one row. None where the shards have no tokens.
    """
    if not shards or shards[0].tokens is None:
        return None
    tables = [_table(shard) for shard in shards]
    return TokenRows(
        counts=np.array([tables[number].n_tokens(row) for number, row in places], np.int64),
        digests=[tables[number].digests[row] for number, row in places],
        width=tables[0].width,
        pieces=partial(_pieces, shards, places),
    )


def check_tokens(shard: ShardIndex) -> None:
    """Read all tokens of a shard, and compare them with their digests.

    Raises:
        CacheError: Some are not what they were, or not finite; the message names the cases.
        ShardGoneError: The shard has gone.
    """
    if shard.tokens is None:
        return
    for piece in _pieces([shard], [(0, row) for row in range(len(shard.keys))]):
        if not np.isfinite(piece).all():
            raise torn(shard.path, "some tokens are not finite")


def _table(shard: ShardIndex) -> TokenTable:
    if shard.tokens is None:
        raise ValueError(f"{shard.path} has no tokens")
    return shard.tokens


def _runs(shards: Sequence[ShardIndex], places: Sequence[Place]) -> Iterator[_Run]:
    """Put places side by side together, up to 16 MiB."""
    start = 0
    while start < len(places):
        number, first = places[start]
        shard = shards[number]
        table = _table(shard)
        last = first + 1
        most_bytes = table.offsets[first] * table.width * 4 + _RUN_BYTES
        stop = start + 1
        while (
            stop < len(places)
            and places[stop] == (number, last)
            and table.offsets[last + 1] * table.width * 4 <= most_bytes
        ):
            last, stop = last + 1, stop + 1
        yield _Run(shard, table, first, last)
        start = stop


def _pieces(shards: Sequence[ShardIndex], places: Sequence[Place]) -> Iterator[Tokens]:
    for run in _runs(shards, places):
        tokens = np.empty((run.n_tokens, run.table.width), "<f4")
        _fill(run, tokens)
        yield tokens


def _fill(run: _Run, out: Tokens) -> None:
    """Read the tokens of a run, and compare those of each row with their digest."""
    table, view = run.table, out.data.cast("B")
    begin = int(table.offsets[run.first])
    try:
        with run.shard.path.open("rb", buffering=0) as stream:
            stream.seek(table.first_byte + begin * table.width * 4)
            n_read = 0
            while n_read < len(view):
                n_new = stream.readinto(view[n_read:])
                if not n_new:
                    raise torn(run.shard.path, "it ends within its tokens")
                n_read += n_new
    except OSError as error:
        if not run.shard.path.exists():  # file systems have several words for a file that goes
            raise ShardGoneError(f"{run.shard.path}: {one_line(error)}") from error
        raise torn(run.shard.path, one_line(error)) from error
    wrong = []
    for row in range(run.first, run.last):
        start, stop = table.offsets[row : row + 2] - begin
        if token_digest(out[start:stop]) != table.digests[row]:
            wrong.append(run.shard.keys[row][0])
    refuse_damaged(run.shard.path, "tokens", wrong)
