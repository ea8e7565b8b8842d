"""Read every byte of the caches at a path."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmfeat.cache.browsing import named_cache_paths
from mmfeat.cache.shard_listing import shard_paths
from mmfeat.cache.verifying import Verified, verify_folder
from mmfeat.progress import Progress

_MB = 1_000_000


@dataclass(frozen=True)
class VerifyReport:
    """Say what is wrong, folder by folder."""

    folders: tuple[Verified, ...]

    @property
    def n_problems(self) -> int:
        """Count what is wrong; leftovers are not."""
        return sum(len(folder.problems) for folder in self.folders)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        folders = [{**asdict(folder), "path": str(folder.path)} for folder in self.folders]
        return {"folders": folders, "n_problems": self.n_problems}


def verify_caches(path: Path, progress: Progress) -> VerifyReport:
    """Read all cache folders at or below a path; ``progress`` counts megabytes.

    Raises:
        CacheError: There is nothing at the path, or no cache folder.
    """
    paths = named_cache_paths(path)
    sizes_bytes = [shard.stat().st_size for one in paths for shard in shard_paths(one)]
    progress.start("reading, MB", sum(map(_megabytes, sizes_bytes)))
    return VerifyReport(
        tuple(verify_folder(one, lambda size: progress.advance(_megabytes(size))) for one in paths)
    )


def _megabytes(size_bytes: int) -> int:
    return -(-size_bytes // _MB)
