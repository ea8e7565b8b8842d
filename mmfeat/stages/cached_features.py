"""Find each case's feature in the cache, made from the scan as it is now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmfeat.cache import CacheFolder, Failure, StoredRow
from mmfeat.errors import CacheError
from mmfeat.stages.extraction_plan import current_stat
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.volumes import source_sha256

_SHOWN_CASES = 5


@dataclass(frozen=True)
class CachedFeatures:
    """Hold the features of one volume modality.

    Shape:
        - ``vectors``: ``(cases, width)``, float32, zeros where absent.
        - ``present``: ``(cases,)``, True where the case has a feature.
    """

    vectors: NDArray[np.float32]
    present: NDArray[np.bool_]
    failed: tuple[str, ...]
    """Cases with a scan that could not be embedded; they count as having none."""


def read_cached_features(
    folder: CacheFolder,
    case_ids: Sequence[str],
    paths: Sequence[Path | None],
    gate: QualityGate,
) -> CachedFeatures:
    """Read the features of all cases from a cache folder.

    A feature counts when it was made from the file as it is: its names, sizes and times are those
    stored with the feature, or else its content is.

    Args:
        folder: The cache of one modality and one recipe.
        case_ids: All cases.
        paths: Scan of each case, None where it has none.
        gate: Judges what was measured of a scan; a rejected one counts as failed.

    Raises:
        CacheError: A scan was never extracted, or has changed since; the message names the first
            cases.
        VolumeError: A scan cannot be read any more.
    """
    index, failures = folder.index(), folder.failed_cases()
    stat, digest = cache(current_stat), cache(source_sha256)
    wanted: dict[str, str] = {}
    failed: list[str] = []
    pending: list[str] = []
    changed: list[str] = []
    for case_id, path in zip(case_ids, paths, strict=True):
        if path is None:
            continue
        stored, failure = index.get(case_id, []), failures.get(case_id)
        if failure is not None and failure.source_stat != stat(path):
            failure = None
        row = next((row for row in stored if row.source_stat == stat(path)), None)
        if row is None and failure is None:
            row = next((row for row in stored if row.source_sha256 == digest(path)), None)
        if _is_left_out(row, failure, gate):
            failed.append(case_id)
        elif row is not None:
            wanted[case_id] = row.source_sha256
        else:
            (changed if stored and failure is None else pending).append(case_id)
    _refuse(folder, pending, changed, n_scans=sum(path is not None for path in paths))
    # No feature is of the source "", so that these cases are not found.
    vectors, found = folder.read({case_id: wanted.get(case_id, "") for case_id in case_ids})
    return CachedFeatures(vectors, found, tuple(failed))


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
    shown = ", ".join(f"`{case_id}`" for case_id in case_ids[:_SHOWN_CASES])
    return f"case {shown}" if len(case_ids) <= _SHOWN_CASES else f"first cases: {shown}"
