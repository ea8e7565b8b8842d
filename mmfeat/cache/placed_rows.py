"""Say where features lie in a cache folder, for a reader that takes a few at a time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.merging import check_rows, choose, locate
from mmfeat.cache.shard import ShardIndex, feature_offset, read_features
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.cache.wanted_rows import Wanted
from mmfeat.errors import CacheError

_BLOCK_ROWS = 512


@dataclass(frozen=True)
class PlacedFile:
    """A file with ``(n_rows, width)`` little-endian float32 from a byte on."""

    path: Path
    offset_bytes: int
    n_rows: int
    width: int


@dataclass(frozen=True)
class PlacedRows:
    """Hold where features lie, each compared with its digest.

    Shape:
        - ``places``: ``(features,)``, row numbers over all files, one after the other; -1 where
          there is none.
    """

    files: tuple[PlacedFile, ...]
    places: NDArray[np.int64]


def place_wanted(folder: CacheFolder, wanted: Wanted) -> PlacedRows:
    """Do as ``CacheFolder.read``, without keeping the features in memory.

    Raises:
        CacheError: As ``CacheFolder.read``.
    """

    def place() -> PlacedRows:
        shards = folder.shards()
        located = locate(shards)
        chosen = [choose(located, case_id, source) for case_id, source in wanted]
        return _placed(shards, chosen)

    return while_shards_move(place)


@dataclass(frozen=True)
class PlacedFolder:
    """Hold all rows of a folder as `all_rows.AllRows` does, and where their features lie."""

    case_ids: tuple[str, ...]
    sources: tuple[str, ...]
    rows: PlacedRows
    content_sha256: str
    """As `all_rows.content_sha256` gives it."""


def place_all(folder: CacheFolder) -> PlacedFolder:
    """Do as `all_rows.read_all_rows`, without keeping the features in memory.

    Raises:
        CacheError: The folder has no features, or some are damaged or contradict each other.
    """

    def place() -> PlacedFolder:
        shards = folder.shards()
        if not shards:
            raise CacheError(f"{folder.path}: holds no features yet")
        located = locate(shards)
        keys = sorted((case_id, source) for case_id in located for source in located[case_id])
        rows = _placed(shards, [located[case_id][source] for case_id, source in keys])
        case_ids, sources = (tuple(column) for column in zip(*keys, strict=True))
        return PlacedFolder(case_ids, sources, rows, _content_sha256(keys, shards, rows.places))

    return while_shards_move(place)


def _placed(shards: Sequence[ShardIndex], chosen: Sequence[tuple[int, int] | None]) -> PlacedRows:
    starts = np.cumsum([0, *(len(shard.keys) for shard in shards)])
    places = np.full(len(chosen), -1, np.int64)
    of_shards: dict[int, list[int]] = {}
    for number, place in enumerate(chosen):
        if place is not None:
            places[number] = starts[place[0]] + place[1]
            of_shards.setdefault(place[0], []).append(place[1])
    for number, positions in of_shards.items():
        _check(shards[number], np.unique(positions))
    files = tuple(
        PlacedFile(shard.path, feature_offset(shard.path), len(shard.keys), shard.width)
        for shard in shards
    )
    return PlacedRows(files, places)


def _check(shard: ShardIndex, positions: NDArray[np.int64]) -> None:
    """Compare features with their digests, a block at a time."""
    block = np.empty((_BLOCK_ROWS, shard.width), np.float32)
    for start in range(0, len(positions), _BLOCK_ROWS):
        at = positions[start : start + _BLOCK_ROWS]
        read_features(shard.path, at, block, np.arange(len(at)))
        check_rows(shard, list(zip(at.tolist(), range(len(at)), strict=True)), block)


def _content_sha256(
    keys: Sequence[tuple[str, str]], shards: Sequence[ShardIndex], places: NDArray[np.int64]
) -> str:
    total = hashlib.sha256()
    starts = np.cumsum([0, *(len(shard.keys) for shard in shards)])
    numbers = np.searchsorted(starts, places, side="right") - 1
    block = np.empty((_BLOCK_ROWS, shards[0].width), np.float32)
    for start in range(0, len(keys), _BLOCK_ROWS):
        rows = np.arange(start, min(start + _BLOCK_ROWS, len(keys)))
        for number in np.unique(numbers[rows]):
            own = np.flatnonzero(numbers[rows] == number)
            read_features(shards[number].path, places[rows[own]] - starts[number], block, own)
        for (case_id, source), feature in zip(keys[rows[0] :], block[: len(rows)], strict=False):
            total.update(f"{case_id}\0{source}\0".encode())
            total.update(feature.astype("<f4", copy=False).tobytes())
    return total.hexdigest()
