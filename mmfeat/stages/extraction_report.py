"""What an extraction did: counts that add up, times, and the cases that failed."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from mmfeat.stages.extraction_plan import Plan

_T = TypeVar("_T")


@dataclass(frozen=True)
class ModalityReport:
    """Account for every case of one volume modality.

    ``n_cases`` is the sum of absent, done before, extracted, failed and pending.
    """

    modality: str
    encoder: str
    cache: Path
    """The cache folder; in a dry run it need not be there."""
    n_cases: int
    n_absent: int
    """Cases without a scan."""
    n_done_before: int
    """Cases that had their feature already."""
    n_extracted: int
    n_changed: int
    """Those of the extracted cases whose scan is not the one that was embedded before."""
    n_scans: int
    """Files that were looked at in this run; several cases may share one."""
    n_pending: int
    """Cases left for another run: by ``limit``, or all in a dry run."""
    failures: dict[str, str]
    """Reason for each case that cannot be embedded or was rejected, found now or before."""
    n_rejected: int
    """Those of the failures whose scan was read, but is not good enough for the settings."""
    seconds: dict[str, float]
    """plan, load, wait, encode and write add up to the wall time; read, judge and prepare, to that
    of all reading threads."""
    wall_s: float

    @property
    def cases_per_s(self) -> float:
        """Cases embedded in a second of wall time."""
        return self.n_extracted / self.wall_s if self.wall_s > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            **asdict(self),
            "cache": str(self.cache),
            "n_failed": len(self.failures),
            "cases_per_s": self.cases_per_s,
        }


@dataclass(frozen=True)
class ExtractReport:
    """Account for every modality of the settings."""

    modalities: tuple[ModalityReport, ...]
    """Those of kind `volume`."""
    not_extracted: dict[str, str]
    """Kind of each other modality: checked with the cohort, nothing to extract."""
    wall_s: float

    @property
    def n_failed(self) -> int:
        """Cases that cannot be embedded, over all modalities."""
        return sum(len(report.failures) for report in self.modalities)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "modalities": [report.to_json() for report in self.modalities],
            "not_extracted": self.not_extracted,
            "n_failed": self.n_failed,
            "wall_s": self.wall_s,
        }


@dataclass
class Tally:
    """Count and time the work on one modality while it goes on."""

    n_done: int = 0
    n_extracted: int = 0
    n_changed: int = 0
    n_scans: int = 0
    """Scans that were looked at."""
    failures: dict[str, str] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    """Those of the failures that were rejected for their quality."""
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(
            ("plan", "load", "wait", "encode", "write", "read", "judge", "prepare"), 0.0
        )
    )
    started: float = field(default_factory=time.perf_counter)

    def report(self, *, modality: str, encoder: str, cache: Path, plan: Plan) -> ModalityReport:
        """Return the counts and times so far."""
        n_jobs = sum(len(job.known) for job in plan.jobs)
        n_cases = n_jobs + sum(
            map(len, (plan.absent, plan.done, plan.failed_before, plan.rejected_before))
        )
        n_settled = len(plan.absent) + self.n_done + self.n_extracted + len(self.failures)
        return ModalityReport(
            modality=modality,
            encoder=encoder,
            cache=cache,
            n_cases=n_cases,
            n_absent=len(plan.absent),
            n_done_before=self.n_done,
            n_extracted=self.n_extracted,
            n_changed=self.n_changed,
            n_scans=self.n_scans,
            n_pending=n_cases - n_settled,
            failures=self.failures,
            n_rejected=len(self.rejected),
            seconds=self.seconds,
            wall_s=time.perf_counter() - self.started,
        )

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the time of a block to a step."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] += time.perf_counter() - start

    def timed_wait(self, items: Iterable[_T]) -> Iterator[_T]:
        """Pass items on and add the time that passes until each comes to the step ``wait``."""
        iterator = iter(items)
        while True:
            with self.timed("wait"):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item
