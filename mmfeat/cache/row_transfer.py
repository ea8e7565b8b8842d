"""Take rows of other shards into a cache folder, which keeps what it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmfeat.cache.feature_differences import feature_differences
from mmfeat.cache.merging import read_checked
from mmfeat.cache.shard import Features, ShardIndex, read_features
from mmfeat.cache.shard_writing import content_name, write_shard
from mmfeat.cache.token_differences import token_differences
from mmfeat.cache.token_reading import stored_tokens
from mmfeat.errors import CacheError

_Place = tuple[ShardIndex, int]


@dataclass(frozen=True)
class Clash:
    """Name a scan that has one feature here and another one there."""

    case_id: str
    source_sha256: str
    kept: Path
    """The shard with the feature that came first."""
    other: Path
    relative: float
    """Largest difference of two values, as a share of the largest value."""


@dataclass(frozen=True)
class Transfer:
    """Say what is to be taken over."""

    rows: tuple[tuple[ShardIndex, tuple[int, ...]], ...]
    """Shards with the rows of each that are not here yet."""
    n_held: int
    """Rows that are here already, bit for bit."""
    clashes: tuple[Clash, ...]
    """Rows that are here with other bits; they are not among ``rows``."""

    @property
    def n_rows(self) -> int:
        """Count the rows to take over."""
        return sum(len(rows) for _, rows in self.rows)


def plan_transfer(held: Sequence[ShardIndex], offered: Sequence[ShardIndex]) -> Transfer:
    """Find out which rows of the offered shards are new; of several, the first counts.

    Features are read only where two of the same scan have different digests.

    Raises:
        CacheError: Features differ in width.
        FileNotFoundError: A shard has gone, as when another process compacts its folder.
    """
    _check_widths([*held, *offered])
    first: dict[tuple[str, str], _Place] = {}
    known = set()
    for shard in held:
        known.update(shard.keys)
        for row, key in enumerate(shard.keys):
            first.setdefault(key[:2], (shard, row))
    taken: list[tuple[ShardIndex, tuple[int, ...]]] = []
    clashing: list[tuple[_Place, _Place]] = []
    n_held = 0
    for shard in offered:
        rows = []
        for row, key in enumerate(shard.keys):
            kept, kept_row = first.setdefault(key[:2], (shard, row))
            if kept.digests[kept_row] != shard.digests[row]:
                clashing.append(((kept, kept_row), (shard, row)))
            elif key in known:
                n_held += 1
            else:
                known.add(key)
                rows.append(row)
        if rows:
            taken.append((shard, tuple(rows)))
    return Transfer(tuple(taken), n_held, tuple(_measured(clashing)))


def copy_rows(shard: ShardIndex, rows: Sequence[int], folder: Path, recipe: str) -> Path:
    """Write rows of a shard, in its order, as a new shard of a folder, once they prove sound.

    The new shard is named after its content, so that doing it again changes nothing.

    Raises:
        CacheError: A feature of the shard is damaged, or the disk refuses.
        FileNotFoundError, ShardGoneError: The shard has gone.
    """
    features = read_checked(shard)[list(rows)]
    tokens = stored_tokens([shard], [(0, row) for row in rows])
    keys = [shard.keys[row] for row in rows]
    path = folder / content_name(keys, features, tokens)
    if path != shard.path:
        write_shard(path, keys, features, recipe=recipe, versions=shard.versions, tokens=tokens)
    return path


def _check_widths(shards: Sequence[ShardIndex]) -> None:
    for shard in shards:
        if shard.width != shards[0].width:
            raise CacheError(
                f"{shard.path}: has features of {shard.width} values, and {shards[0].path} of "
                f"{shards[0].width}; they cannot be of one recipe, delete the wrong one"
            )


def _measured(clashing: Sequence[tuple[_Place, _Place]]) -> list[Clash]:
    """Measure the differences, opening each pair of shards once."""
    by_shards: dict[tuple[Path, Path], list[tuple[_Place, _Place]]] = {}
    for kept, other in clashing:
        by_shards.setdefault((kept[0].path, other[0].path), []).append((kept, other))
    found = []
    for pairs in by_shards.values():
        kept_features = _read([kept for kept, _ in pairs])
        relative = feature_differences(kept_features, _read([other for _, other in pairs])).relative
        of_tokens = token_differences(pairs).relative
        larger = np.maximum(relative, of_tokens) if len(of_tokens) else relative
        for ((shard, row), (other_shard, _)), share in zip(pairs, larger.tolist(), strict=True):
            case_id, source, *_ = shard.keys[row]
            found.append(Clash(case_id, source, shard.path, other_shard.path, share))
    return found


def _read(places: Sequence[_Place]) -> Features:
    """Read rows that are all of the same shard."""
    shard = places[0][0]
    features = np.empty((len(places), shard.width), np.float32)
    rows = np.array([row for _, row in places], np.int64)
    read_features(shard.path, rows, features, np.arange(len(rows)))
    return features
