"""Which files of a cache folder are mmfeat's."""

from pathlib import Path

from mmfeat.cache.failures import FAILURES_NAME
from mmfeat.cache.mirror import STORED_NAME
from mmfeat.cache.recipe import RECIPE_NAME
from mmfeat.cache.timings import TIMINGS_NAME

_OURS = (
    RECIPE_NAME,
    FAILURES_NAME,
    TIMINGS_NAME,
    "shard-*.h5",
    "last_extract.json",
    "quality.parquet",
    ".failures.lock",
    STORED_NAME,
    ".running-*.json",
    ".*.partial*",
    ".nfs*",  # what NFS keeps of a file that is deleted while it is open
)


def is_ours(file: Path) -> bool:
    """Say by its name whether mmfeat made a file of a cache folder."""
    return any(file.match(pattern) for pattern in _OURS)


def folder_bytes(path: Path) -> int:
    """Add up the sizes of a folder's files; those that go meanwhile count nothing."""
    size_bytes = 0
    for file in path.iterdir():
        try:
            size_bytes += file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:
            continue
    return size_bytes
