"""Write the shards of each cache folder at a path as one."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache import CacheFolder
from mmfeat.cache.browsing import open_caches
from mmfeat.cache.shard_listing import shard_paths
from mmfeat.progress import Progress


@dataclass(frozen=True)
class CompactedFolder:
    """Count the shards of a folder before and after."""

    path: Path
    n_shards_before: int
    n_bytes_before: int
    n_shards_after: int
    n_bytes_after: int | None
    """None in a dry run, which does not know it."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "path": str(self.path)}


def compact_caches(path: Path, *, dry_run: bool, progress: Progress) -> list[CompactedFolder]:
    """Compact all cache folders at or below a path; a dry run only counts.

    Raises:
        CacheError: There is no cache folder, a shard is damaged, or the disk refuses.
    """
    folders = open_caches(path)
    progress.start("compacting", len(folders))
    compacted = []
    for folder in folders:
        compacted.append(_compact(folder, dry_run=dry_run))
        progress.advance()
    return compacted


def _compact(folder: CacheFolder, *, dry_run: bool) -> CompactedFolder:
    n_before, before_bytes = _count(folder)
    if dry_run:
        return CompactedFolder(folder.path, n_before, before_bytes, min(n_before, 1), None)
    folder.compact()
    return CompactedFolder(folder.path, n_before, before_bytes, *_count(folder))


def _count(folder: CacheFolder) -> tuple[int, int]:
    sizes_bytes = []
    for shard in shard_paths(folder.path):
        try:
            sizes_bytes.append(shard.stat().st_size)
        except FileNotFoundError:
            continue  # compacted away meanwhile
    return len(sizes_bytes), sum(sizes_bytes)
