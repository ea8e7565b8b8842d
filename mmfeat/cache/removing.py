"""Take rows or a whole folder out of a cache; a kill at any moment leaves what is to stay."""

from collections.abc import Collection
from pathlib import Path

from mmfeat.cache.folder import CacheFolder
from mmfeat.cache.folder_files import is_ours
from mmfeat.cache.recipe import RECIPE_NAME
from mmfeat.cache.row_transfer import copy_rows
from mmfeat.cache.shared_disk import disk_errors, while_shards_move
from mmfeat.provenance import canonical_json


def drop_rows(folder: CacheFolder, stale: Collection[tuple[str, str]]) -> None:
    """Remove the rows of these cases and digests of their scans.

    A shard with such rows is removed once another one holds the rest of it. When a compaction at
    the same time has read the old shard already, its rows come back, and can be removed again.

    Raises:
        CacheError: A shard with such rows is damaged (it is left then), or the disk refuses.
    """
    recipe = canonical_json(folder.identity)

    def drop() -> None:
        for shard in folder.shards():
            kept = [row for row, key in enumerate(shard.keys) if key[:2] not in stale]
            if len(kept) == len(shard.keys):
                continue
            if kept:
                copy_rows(shard, kept, folder.path, recipe)
            with disk_errors(folder.path):
                shard.path.unlink(missing_ok=True)

    while_shards_move(drop)


def remove_cache_folder(path: Path) -> list[Path]:
    """Remove a cache folder; return the files in it that are not mmfeat's, which stay.

    The recipe goes last: what a kill leaves is a cache folder, which can be removed again.

    Raises:
        CacheError: The disk refuses.
    """
    with disk_errors(path):
        files = sorted(path.iterdir(), key=lambda file: file.name == RECIPE_NAME)
        left = [file for file in files if not is_ours(file)]
        for file in files:
            if file not in left:
                file.unlink(missing_ok=True)
        if not left:
            path.rmdir()
    return left
