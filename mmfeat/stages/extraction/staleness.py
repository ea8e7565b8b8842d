"""Why a scan would be looked at: what a dry run says of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmfeat.cache import Failure, ScanKey, StoredRow
from mmfeat.manifest.cohort import ScanSource
from mmfeat.stages.extraction.other_features import OtherFeatures
from mmfeat.stages.extraction.plan import Job, Plan
from mmfeat.stages.scan_content import current_stat
from mmfeat.volumes import stat_change
from mmfeat.volumes.source import has_other_point

NEW = "new"
CHANGED = "its file has changed since it was embedded"
MOVED = "its point or mask has changed since it was embedded"
MENDED = "failed or rejected before, and its file has changed"
RETRIED = "failed before, and is tried again because of --retry-failed"
LET_THROUGH = "rejected before, and let through by the present settings"


@dataclass(frozen=True)
class Reason:
    """Hold the scans that would be looked at for one reason."""

    why: str
    scans: dict[tuple[str, str], str]
    """For each case and path what is known beyond the reason, such as both sizes of a changed
    file; often nothing."""
    differences: tuple[str, ...] = ()
    """Fields of the settings that have changed since the features in the cache were made."""

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "why": self.why,
            "differences": list(self.differences),
            "n_cases": len(self.scans),
            "scans": [
                {"case_id": case_id, "path": path, "detail": detail}
                for (case_id, path), detail in self.scans.items()
            ],
        }


def explain(
    jobs: Iterable[Job],
    plan: Plan,
    *,
    index: Mapping[str, Sequence[StoredRow]],
    failed: Mapping[ScanKey, Failure],
    others: Sequence[OtherFeatures],
) -> tuple[Reason, ...]:
    """Say why scans would be looked at, the commonest reason first.

    Args:
        jobs: The scans.
        plan: Where they come from.
        index: The finished cases of the cache.
        failed: Its failures.
        others: Features that the cache holds of other settings, the nearest first.
    """
    jobs = list(jobs)
    current = _digests_in_use(jobs, plan, index)
    reasons: dict[str, Reason] = {}
    for job in jobs:
        for case_id in job.known:
            rows = [
                row
                for row in index.get(case_id, ())
                if row.source_sha256 not in current.get(case_id, ())
            ]
            failure = failed.get((case_id, str(job.source)))
            why, detail = _why(job.source, failure, rows[-1] if rows else None)
            differences: tuple[str, ...] = ()
            if why == NEW:
                other = next((other for other in others if case_id in other.cases), None)
                if other is not None:
                    why = f"made with other settings, in {other.folder.name}"
                    differences = other.differences
            reason = reasons.setdefault(why, Reason(why, {}, differences))
            reason.scans[case_id, str(job.source)] = detail
    return tuple(sorted(reasons.values(), key=lambda reason: -len(reason.scans)))


def _why(source: ScanSource, failure: Failure | None, older: StoredRow | None) -> tuple[str, str]:
    """Return the reason that follows from what the cache knows of this scan, and the detail."""
    stat = current_stat(source.path, source.region)
    if failure is not None:
        if failure.source_stat != stat:
            return MENDED, stat_change(failure.source_stat, stat)
        return (LET_THROUGH if failure.quality else RETRIED), failure.reason
    if older is not None:
        moved = has_other_point(older.source_stat, stat)
        return MOVED if moved else CHANGED, stat_change(older.source_stat, stat)
    return NEW, ""


def _digests_in_use(
    jobs: Iterable[Job], plan: Plan, index: Mapping[str, Sequence[StoredRow]]
) -> dict[str, set[str]]:
    """Return the digests of the other scans of each case, which are finished and not outdated."""
    waiting = {case_id for job in jobs for case_id in job.known}
    digests: dict[str, set[str]] = {}
    for case_id, source in [*plan.done, *plan.rejected_before]:
        if case_id in waiting:
            stat = current_stat(source.path, source.region)
            found = {row.source_sha256 for row in index.get(case_id, ()) if row.source_stat == stat}
            digests.setdefault(case_id, set()).update(found)
    return digests
