"""Which shards a cache folder has, while other processes may add some and compact others away."""

from contextlib import suppress
from pathlib import Path

from mmfeat.cache.shard import ShardIndex, read_index


def shard_paths(folder: Path) -> list[Path]:
    """List the finished shards of a cache folder."""
    return sorted(folder.glob("shard-*.h5"))


def read_shards(folder: Path, recipe: str) -> list[ShardIndex]:
    """Read shards until a listing shows none that is new.

    One listing is not enough: while it runs, a compaction may remove shards that it has not
    come to yet, and put their rows into one that it has passed. Shards that go meanwhile stay
    in the answer; whoever then reads their features finds them gone and looks again.

    Args:
        folder: The cache folder.
        recipe: Canonical JSON of what its features were made from.

    Raises:
        CacheError: A shard is torn, foreign, or of another recipe.
    """
    shards: list[ShardIndex] = []
    seen: set[Path] = set()
    while new := [path for path in shard_paths(folder) if path not in seen]:
        seen.update(new)
        for path in new:
            with suppress(FileNotFoundError):
                shards.append(read_index(path, recipe))
    return shards
