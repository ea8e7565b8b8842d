"""Remove what a cache holds that nobody has a use for."""

from collections.abc import Sequence
from pathlib import Path

from mmfeat.cache import CacheFolder
from mmfeat.cache.recipe import read_recipe
from mmfeat.cache.removing import drop_rows, remove_cache_folder
from mmfeat.cache.shared_disk import disk_errors
from mmfeat.progress import Progress
from mmfeat.provenance import remove_abandoned_partials
from mmfeat.stages.caches.at_work import refuse_while_at_work
from mmfeat.stages.caches.stale import StaleModality


def remove_stale(found: Sequence[StaleModality], progress: Progress) -> list[Path]:
    """Remove what ``find_stale`` has found; return foreign files in the folders, which stay.

    A kill at any moment leaves every feature that is to stay; the same command goes on.

    Raises:
        CacheError: An extraction is at work in one of the folders (nothing is removed then), a
            shard to rewrite is damaged, or the disk refuses.
    """
    touched = [one.path for one in found if one.rows or one.failures or one.partials]
    removed = [folder.path for one in found for folder in one.folders]
    for path in [*touched, *removed]:
        refuse_while_at_work(path)
    progress.start("removing", len(touched) + len(removed))
    for one in found:
        if one.path in touched:
            _clean(one)
            progress.advance()
    left: list[Path] = []
    for path in removed:
        left += remove_cache_folder(path)
        progress.advance()
    return left


def _clean(stale: StaleModality) -> None:
    folder = CacheFolder(stale.path, read_recipe(stale.path))
    if stale.rows:
        drop_rows(folder, {(row.case_id, row.source_sha256) for row in stale.rows})
    if stale.failures:
        folder.record_failures((), stale.failures)
    with disk_errors(stale.path):
        remove_abandoned_partials(stale.path)
