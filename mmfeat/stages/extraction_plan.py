"""What extraction has to do: which scans are finished, which have changed, which failed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfeat.cache import Failure, StoredRow
from mmfeat.errors import VolumeError
from mmfeat.stages.quality_gate import QualityGate
from mmfeat.volumes import source_stat


@dataclass(frozen=True)
class Job:
    """One scan to look at, for all the cases that have it."""

    path: Path
    known: dict[str, frozenset[str]]
    """For each case, the digests of the sources that it has features of: none, or older ones."""


@dataclass(frozen=True)
class Plan:
    """Sort the cases of one modality."""

    jobs: list[Job]
    """In the order of the manifest."""
    absent: list[str]
    """Cases without a scan."""
    done: list[str]
    """Cases with a feature of the file as it is."""
    failed_before: dict[str, str]
    """Cases whose file failed before and has not changed since, with the reason."""
    rejected_before: dict[str, str]
    """Cases whose file was measured before and is rejected by the present settings."""


def make_plan(
    case_ids: Sequence[str],
    paths: Sequence[Path | None],
    *,
    index: Mapping[str, Sequence[StoredRow]],
    failed: Mapping[str, Failure],
    gate: QualityGate,
    retry_failed: bool,
) -> Plan:
    """Compare the cohort with the cache, by names, sizes and times of files; no file is opened.

    A file whose stat is not the stored one becomes a job; its digest then tells whether it has
    really changed. What was measured is judged again: under other settings a finished case may be
    rejected, and a rejected one becomes a job.
    """
    plan = Plan(jobs=[], absent=[], done=[], failed_before={}, rejected_before={})
    known: dict[Path, dict[str, frozenset[str]]] = {}
    stats: dict[Path, str] = {}
    for case_id, path in zip(case_ids, paths, strict=True):
        if path is None:
            plan.absent.append(case_id)
            continue
        if path not in stats:
            stats[path] = current_stat(path)
        rows = index.get(case_id, ())
        stored = next((row for row in rows if row.source_stat == stats[path]), None)
        failure = failed.get(case_id)
        failure = failure if failure and failure.source_stat == stats[path] else None
        measured = stored or failure
        rejection = gate.rejection(measured.quality) if measured else None
        if rejection is not None:
            plan.rejected_before[case_id] = rejection
        elif stored:
            plan.done.append(case_id)
        elif failure and not failure.quality and not retry_failed:
            plan.failed_before[case_id] = failure.reason
        else:
            sources = frozenset(row.source_sha256 for row in rows)
            known.setdefault(path, {})[case_id] = sources
    plan.jobs.extend(Job(path, cases) for path, cases in known.items())
    return plan


def current_stat(path: Path) -> str:
    """Return the stat of a source; the empty text when it is gone, so that reading it says why."""
    try:
        return source_stat(path)
    except VolumeError:
        return ""
