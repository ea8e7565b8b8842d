"""Find the features of each case's scans in the cache, made from the scans as they are now."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from mmfeat.cache import CacheFolder, Failure, ScanKey, StoredRow
from mmfeat.cache.placed_rows import PlacedRows, place_wanted
from mmfeat.errors import CacheError
from mmfeat.manifest.cohort import CaseScan
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.stages.scan_content import content_sha256, current_stat
from mmfeat.tabular.row_file import RowFile
from mmfeat.tabular.scan_set import ScanSet
from mmfeat.tabular.stored_vectors import StoredVectors

_SHOWN_CASES = 5


@dataclass(frozen=True)
class CachedFeatures:
    """Hold the features of one volume modality."""

    scans: ScanSet
    """Those that have a feature."""
    digests: tuple[str, ...]
    """What each of them was made from."""
    failed: tuple[ScanKey, ...]
    """Scans that could not be embedded, or are rejected; they count as not being there."""
    stored: StoredVectors | None = None
    """Where the features are too many for memory: each scan as a case of its own. The vectors of
    ``scans`` have no columns then."""


def read_cached_features(
    folder: CacheFolder,
    case_ids: Sequence[str],
    sources: Sequence[Sequence[CaseScan]],
    gate: QualityGate,
    *,
    most_bytes: float = math.inf,
) -> CachedFeatures:
    """Read the features of all cases from a cache folder.

    A feature counts when it was made from the file as it is: its names, sizes and times are those
    stored with the feature, or else its content is; and, of a point, when it is of that point.

    Args:
        folder: The cache of one modality and one recipe.
        case_ids: All cases.
        sources: The scans of each case.
        gate: Judges what was measured of a scan; a rejected one counts as failed.
        most_bytes: Features of more than this stay in the cache, checked like the others.

    Raises:
        CacheError: A scan was never extracted, or has changed since; the message names the first
            cases.
        VolumeError: A scan cannot be read any more.
    """
    lookup = ScanLookup(folder.index(), folder.failed_scans())
    wanted: list[tuple[str, str]] = []
    days: list[float | None] = []
    counts = np.zeros(len(case_ids), np.int64)
    failed: list[ScanKey] = []
    pending: list[str] = []
    changed: list[str] = []
    for number, (case_id, scans) in enumerate(zip(case_ids, sources, strict=True)):
        found = lookup.find(case_id, scans)
        for scan, (row, failure) in zip(scans, found, strict=True):
            if _is_left_out(row, failure, gate):
                failed.append((case_id, str(scan.source)))
            elif row is not None:
                wanted.append((case_id, row.source_sha256))
                days.append(scan.days)
                counts[number] += 1
            else:
                is_changed = failure is None and lookup.has_outdated(case_id, found)
                (changed if is_changed else pending).append(case_id)
    _refuse(folder, pending, changed, n_scans=sum(map(len, sources)))
    stored, vectors = None, np.zeros((len(wanted), 0), np.float32)
    if len(wanted) * folder.width() * 4 > most_bytes:
        placed = place_wanted(folder, wanted)
        stored, is_there = stored_vectors(placed), placed.places >= 0
    else:
        vectors, is_there = folder.read(wanted)
    if not is_there.all():
        raise CacheError(
            f"{folder.path}: features were deleted while they were read; run `mmfeat extract`"
        )
    offsets = np.concatenate([[0], np.cumsum(counts)])
    scan_set = ScanSet(vectors, offsets, np.array(days, np.float64))  # None becomes NaN
    digests = tuple(sha256 for _, sha256 in wanted)
    return CachedFeatures(scan_set, digests, tuple(failed), stored)


def stored_vectors(placed: PlacedRows) -> StoredVectors:
    """Return vectors that stay in the files of a cache folder."""
    files = [
        RowFile(one.path, one.offset_bytes, "<f4", one.n_rows, one.width) for one in placed.files
    ]
    return StoredVectors.of_rows(tuple(files), placed.places)


_Found = tuple[StoredRow | None, Failure | None]


class ScanLookup:
    """Find what a cache knows of scans; each file is looked at once."""

    def __init__(
        self, index: Mapping[str, Sequence[StoredRow]], failures: Mapping[ScanKey, Failure]
    ) -> None:
        self._index = index
        self._failures = failures
        self._stat = cache(current_stat)
        self._digest = cache(content_sha256)

    def find(self, case_id: str, scans: Sequence[CaseScan]) -> list[_Found]:
        """Return the stored row of each scan of a case, and its failure if the file is the same."""
        rows = self._index.get(case_id, ())
        stats = [self._stat(scan.path, scan.region) for scan in scans]
        found: list[_Found] = []
        for scan, stat in zip(scans, stats, strict=True):
            failure = self._failures.get((case_id, str(scan.source)))
            failure = failure if failure and failure.source_stat == stat else None
            row = None
            if stats.count(stat) == 1:  # or else only the digests tell the case's scans apart
                row = next((row for row in rows if row.source_stat == stat), None)
            if row is None and failure is None:
                row = self._row_of(scan, rows)
            found.append((row, failure))
        return found

    def _row_of(self, scan: CaseScan, rows: Sequence[StoredRow]) -> StoredRow | None:
        """Find a scan by its content, which is read only where there is a row at all."""
        same = (row for row in rows if row.source_sha256 == self._digest(scan.path, scan.region))
        return next(same, None)

    def has_outdated(self, case_id: str, found: Sequence[_Found]) -> bool:
        """Say whether a case has features of files that are none of its scans any more."""
        current = {row.source_sha256 for row, _ in found if row is not None}
        return any(row.source_sha256 not in current for row in self._index.get(case_id, ()))


def _is_left_out(row: StoredRow | None, failure: Failure | None, gate: QualityGate) -> bool:
    """Say whether a scan failed, or what was measured of it is rejected by the settings."""
    measured = row or failure
    if measured is None:
        return False
    failed = row is None and not measured.quality
    return failed or gate.rejection(measured.quality) is not None


def _refuse(
    folder: CacheFolder, pending: Sequence[str], changed: Sequence[str], *, n_scans: int
) -> None:
    parts = []
    if pending:
        parts.append(f"{len(pending)} of {n_scans} scans are not extracted yet ({_first(pending)})")
    if changed:
        parts.append(f"{len(changed)} of {n_scans} scans have changed since ({_first(changed)})")
    if parts:
        raise CacheError(f"{folder.path}: {', and '.join(parts)}; run `mmfeat extract`")


def _first(case_ids: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(case_ids))
    shown = ", ".join(f"`{case_id}`" for case_id in distinct[:_SHOWN_CASES])
    return f"case {shown}" if len(distinct) <= _SHOWN_CASES else f"first cases: {shown}"
