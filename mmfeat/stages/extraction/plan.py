"""What extraction has to do: which scans are finished, which have changed, which failed before."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mmfeat.cache import CacheFolder, Failure, ScanKey, StoredRow
from mmfeat.cache.mirror import CacheRoot
from mmfeat.manifest.cohort import CaseScan, Cohort, ScanSource
from mmfeat.manifest.regions import Region
from mmfeat.remote_path import AnyPath
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.stages.scan_content import current_stat


@dataclass(frozen=True)
class Job:
    """One scan to look at, for all the cases that have it."""

    path: AnyPath
    known: dict[str, frozenset[str]]
    """For each case, the digests of all sources that it has features of: other scans, older
    ones."""
    outdated: frozenset[str] = frozenset()
    """Cases with a feature of a file that is none of their scans now: this scan has changed, or
    the case had another one."""
    region: Region | None = None
    """Where to look in it."""

    @property
    def source(self) -> ScanSource:
        """What the feature is made from."""
        return ScanSource(self.path, self.region)

    def reason(self, text: str) -> str:
        """Return what is wrong with the scan, beginning with which scan it is."""
        if text.startswith(str(self.path)) and not text.startswith(f"{self.path}: "):
            return text  # about a file in its folder
        return f"{self.source}: {text.removeprefix(f'{self.path}: ')}"


@dataclass(frozen=True)
class Plan:
    """Sort the cases of one modality; a case with several scans is there once for each."""

    jobs: list[Job]
    """In the order of the manifest."""
    absent: list[str]
    """Cases without a scan."""
    done: list[tuple[str, ScanSource]]
    """Cases with a feature of the file as it is."""
    failed_before: dict[tuple[str, ScanSource], str]
    """Cases whose file failed before and has not changed since, with the reason."""
    rejected_before: dict[tuple[str, ScanSource], str]
    """Cases whose file was measured before and is rejected by the present settings."""


def make_plan(
    case_ids: Sequence[str],
    sources: Sequence[Sequence[CaseScan]],
    *,
    index: Mapping[str, Sequence[StoredRow]],
    failed: Mapping[ScanKey, Failure],
    gate: QualityGate,
    retry_failed: bool,
    stat_of: Callable[[AnyPath, Region | None], str] | None = None,
) -> Plan:
    """Compare the cohort with the cache, by names, sizes and times of files; no file is opened.

    A file whose stat is not the stored one becomes a job; its digest then tells whether it has
    really changed. What was measured is judged again: under other settings a finished case may be
    rejected, and a rejected one becomes a job.
    """
    plan = Plan(jobs=[], absent=[], done=[], failed_before={}, rejected_before={})
    known: dict[ScanSource, dict[str, frozenset[str]]] = {}
    outdated: set[str] = set()
    stat_of = stat_of or cache(current_stat)
    for case_id, scans in zip(case_ids, sources, strict=True):
        if not scans:
            plan.absent.append(case_id)
        rows = index.get(case_id, ())
        found = rows_by_stat([stat_of(scan.path, scan.region) for scan in scans], rows)
        digests = frozenset(row.source_sha256 for row in rows)
        if digests != {row.source_sha256 for row in found if row}:
            outdated.add(case_id)
        for source, stored in zip((scan.source for scan in scans), found, strict=True):
            failure = failed.get((case_id, str(source)))
            stat = stat_of(source.path, source.region)
            failure = failure if failure and failure.source_stat == stat else None
            measured = stored or failure
            rejection = gate.rejection(measured.quality) if measured else None
            if rejection is not None:
                plan.rejected_before[case_id, source] = rejection
            elif stored:
                plan.done.append((case_id, source))
            elif failure and not failure.quality and not retry_failed:
                plan.failed_before[case_id, source] = failure.reason
            else:
                known.setdefault(source, {})[case_id] = digests
    plan.jobs.extend(
        Job(source.path, cases, frozenset(outdated.intersection(cases)), source.region)
        for source, cases in known.items()
    )
    return plan


def plan_cohort(
    cohort: Cohort, where: tuple[CacheRoot, str, Mapping[str, Any]], gate: QualityGate
) -> tuple[CacheFolder | None, Plan]:
    """Compare the whole cohort with the cache of one modality; nothing is written.

    Args:
        cohort: The validated cohort.
        where: The cache, the modality and the identity, as CacheFolder takes them.
        gate: Judges what was measured before.

    Returns:
        The folder, None where there is none yet; and the plan, in which failures are not tried
        again.
    """
    folder = CacheFolder.find(*where) if CacheFolder.exists(*where) else None
    plan = make_plan(
        cohort.case_ids,
        cohort.sources[where[1]],
        index=folder.index() if folder else {},
        failed=folder.failed_scans() if folder else {},
        gate=gate,
        retry_failed=False,
    )
    return folder, plan


def forgotten_scans(
    failed: Iterable[ScanKey], case_ids: Sequence[str], sources: Sequence[Sequence[CaseScan]]
) -> list[ScanKey]:
    """Return the failures of scans that their cases do not have any more; other cases are left."""
    listed = {
        case_id: {str(scan.source) for scan in scans}
        for case_id, scans in zip(case_ids, sources, strict=True)
    }
    return [
        (case_id, path)
        for case_id, path in failed
        if case_id in listed and path not in listed[case_id]
    ]


def rows_by_stat(stats: Sequence[str], rows: Iterable[StoredRow]) -> list[StoredRow | None]:
    """Find for each scan of one case its stored row, by the scan's stat.

    Two scans of a case may have one stat: files of one name, size and time in two folders. Only
    their digests tell them apart, so they count as stored when there are rows for all of them.
    """
    of_stat: dict[str, dict[str, StoredRow]] = {}
    for row in rows:
        of_stat.setdefault(row.source_stat, {}).setdefault(row.source_sha256, row)
    found: list[StoredRow | None] = []
    for position, stat in enumerate(stats):
        same = list(of_stat.get(stat, {}).values())
        complete = len(same) >= stats.count(stat)
        found.append(same[stats[:position].count(stat)] if complete else None)
    return found
