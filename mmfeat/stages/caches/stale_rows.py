"""Which features of a cache no scan of the cohort has the content of any more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mmfeat.cache import StoredRow
from mmfeat.errors import RemoteError, VolumeError
from mmfeat.manifest.cohort import ScanSource
from mmfeat.manifest.regions import Region
from mmfeat.progress import Progress
from mmfeat.remote_path import AnyPath
from mmfeat.stages.scan_content import content_sha256, current_stat

NOT_LISTED = "the manifest lists no scan of this case"
CHANGED = "no scan of this case has this content any more"


@dataclass(frozen=True)
class StaleRow:
    """Name a feature that the cohort has no use for."""

    case_id: str
    source_sha256: str
    why: str


def stale_rows(
    index: Mapping[str, Sequence[StoredRow]],
    scans: Mapping[str, Sequence[ScanSource]],
    progress: Progress,
) -> tuple[list[StaleRow], list[str]]:
    """Return the features that can go, and the cases whose scan cannot be looked at now.

    All features of these cases stay: their disk may only be away. A scan is digested only where
    its names, sizes and times fit no feature of its case.

    Args:
        index: The finished cases of a cache.
        scans: The scans of each case of the cohort that has any.
        progress: Is told of each case.
    """
    stale: dict[tuple[str, str], StaleRow] = {}
    unreadable = []
    digest = cache(content_sha256)
    progress.start("comparing with the scans", len(index))
    for case_id, rows in index.items():
        current: set[str] | None = set()
        if case_id in scans:
            try:
                current = _current_digests(rows, scans[case_id], digest)
            except (VolumeError, RemoteError):
                current = None
                unreadable.append(case_id)
        if current is not None:
            why = CHANGED if case_id in scans else NOT_LISTED
            for row in rows:
                if row.source_sha256 not in current:
                    key = (case_id, row.source_sha256)
                    stale[key] = StaleRow(*key, why)
        progress.advance()
    return list(stale.values()), unreadable


def _current_digests(
    rows: Sequence[StoredRow],
    sources: Sequence[ScanSource],
    digest: Callable[[AnyPath, Region | None], str],
) -> set[str]:
    """Return the digests of the scans of a case, as they are now."""
    current: set[str] = set()
    unknown = []
    for source in sources:
        stat = current_stat(source.path, source.region)
        fitting = {row.source_sha256 for row in rows if stat and row.source_stat == stat}
        current |= fitting
        if not fitting:
            unknown.append(source)
    if all(row.source_sha256 in current for row in rows):
        return current
    return current | {digest(source.path, source.region) for source in unknown}
