"""What a cache folder holds, in numbers; its features are not read."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.cache.failures import read_failures
from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.folder_files import folder_bytes
from mmfeat.cache.shard import ShardIndex
from mmfeat.cache.shared_disk import while_shards_move
from mmfeat.errors import CacheError
from mmfeat.provenance import canonical_json, fingerprint


@dataclass(frozen=True)
class TokenContents:
    """Count the tokens of a cache folder."""

    n_tokens: int
    """Of all rows, each row counted once."""
    fewest: int
    """Of a row."""
    most: int
    width: int
    """Values of a token."""
    n_bytes: int
    """Of their numbers."""


@dataclass(frozen=True)
class CacheContents:
    """Say what a cache folder holds."""

    path: Path
    modality: str
    """Name of the folder above."""
    fingerprint: str
    """SHA-256 of the identity, whose first 12 characters name the folder."""
    identity: dict[str, Any]
    """Everything that the features depend on but their scans: `recipe.json`."""
    n_cases: int
    n_rows: int
    """More than cases where a case has several scans, or its scan has changed."""
    width: int | None
    """Values of a feature; None while there is none."""
    tokens: TokenContents | None
    """None while there are none, or the recipe keeps none."""
    n_shards: int
    n_bytes: int
    """Of all files of the folder."""
    n_failed: int
    n_rejected: int
    versions: tuple[dict[str, str], ...]
    """Versions of the libraries that features were made with."""
    first_written: str | None
    """When the oldest shard was written: UTC, ISO 8601."""
    last_written: str | None
    last_run: dict[str, Any] | None
    """The account of the last extraction."""
    damage: str | None
    """Why the shards or the failures cannot be read; their counts are 0 then."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "path": str(self.path)}


def describe_cache(folder: CacheFolder) -> CacheContents:
    """Count what a cache folder holds."""
    damage: list[str] = []
    shards: list[ShardIndex] = []
    n_rejected = n_failed = 0
    try:
        shards = while_shards_move(folder.shards)
    except CacheError as error:
        damage.append(str(error))
    try:
        failures = read_failures(folder.path).values()
        n_rejected = sum(bool(failure.quality) for failure in failures)
        n_failed = len(failures) - n_rejected
    except CacheError as error:
        damage.append(str(error))
    times = sorted(_written_s(shards))
    made_with = {canonical_json(made): made for shard in shards for made in shard.versions}
    path = folder.path.absolute()
    return CacheContents(
        path=path,
        modality=path.parent.name,
        fingerprint=fingerprint(folder.identity),
        identity=folder.identity,
        n_cases=len({key[0] for shard in shards for key in shard.keys}),
        n_rows=len({key[:2] for shard in shards for key in shard.keys}),
        width=shards[0].width if shards else None,
        tokens=_token_contents(shards),
        n_shards=len(shards),
        n_bytes=folder_bytes(path),
        n_failed=n_failed,
        n_rejected=n_rejected,
        versions=tuple(made_with[text] for text in sorted(made_with)),
        first_written=_utc(times[0]) if times else None,
        last_written=_utc(times[-1]) if times else None,
        last_run=folder.last_run(),
        damage="; ".join(damage) or None,
    )


def _token_contents(shards: list[ShardIndex]) -> TokenContents | None:
    counts: dict[tuple[str, str], int] = {}
    width = 0
    for shard in shards:
        if shard.tokens is not None:
            width = shard.tokens.width
            numbers = np.diff(shard.tokens.offsets).tolist()
            counts |= {key[:2]: n for key, n in zip(shard.keys, numbers, strict=True)}
    if not counts:
        return None
    n_tokens = sum(counts.values())
    fewest, most = min(counts.values()), max(counts.values())
    return TokenContents(n_tokens, fewest, most, width, n_tokens * width * 4)


def _written_s(shards: list[ShardIndex]) -> Iterator[float]:
    for shard in shards:
        try:
            yield shard.path.stat().st_mtime
        except FileNotFoundError:
            continue  # compacted away meanwhile


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
