"""What an extraction did: counts that add up, times, and the cases that failed."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mmfeat.stages.extraction.plan import Plan
from mmfeat.stages.extraction.reading import Scan
from mmfeat.stages.extraction.stage_costs import READING_STAGES, StageCosts
from mmfeat.stages.extraction.staleness import Reason


@dataclass(frozen=True)
class ModalityReport:
    """Account for every case of one volume modality.

    ``n_cases`` is the sum of absent, done before, extracted, failed, pending and not asked for. A
    case with several scans counts once for each.
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
    n_not_asked: int
    """Cases that ``only`` leaves out, whatever their state."""
    failures: dict[tuple[str, str], str]
    """By case and path of its scan, why it cannot be embedded or was rejected, now or before; in
    the order of both, whichever reading thread came first."""
    n_rejected: int
    """Those of the failures whose scan was read, but is not good enough for the settings."""
    phases_s: dict[str, float]
    """Time to plan, load the encoder, embed, and finish the cache; they add up to the wall time."""
    stages: dict[str, dict[str, float]]
    """Seconds and bytes of each stage that a scan goes through. Those of reading are the sum over
    ``workers`` threads, and all stages overlap: in ``embed`` the slowest of them is the limit."""
    workers: int
    """Threads that read; 0 when there was nothing to read."""
    batch_windows: int
    """Windows that went through the network at once."""
    smallest_batch: int | None
    """Windows that went through it where the device's memory was too small for so many."""
    wall_s: float
    reasons: tuple[Reason, ...] = ()
    """In a dry run, why scans would be looked at."""
    n_tokens: int = 0
    """Tokens of the extracted cases."""
    max_tokens: int | None = None
    """Most tokens of a scan; None where only vectors are kept."""
    row_bytes: int = 0
    """What a case takes in the cache, at most."""

    @property
    def reading_busy(self) -> float:
        """Share of the time of embedding for which the reading threads were busy, on average."""
        return _share(_seconds(self.stages, READING_STAGES), self.phases_s["embed"] * self.workers)

    @property
    def device_busy(self) -> float:
        """Share of the time of embedding for which the network ran."""
        return _share(_seconds(self.stages, ("forward",)), self.phases_s["embed"])

    @property
    def bytes_to_come(self) -> int:
        """What the cases that are left to do will take in the cache, at most."""
        return self.n_pending * self.row_bytes

    @property
    def cases_per_s(self) -> float:
        """Cases embedded in a second of wall time."""
        return self.n_extracted / self.wall_s if self.wall_s > 0 else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            **asdict(self),
            "cache": str(self.cache),
            "failures": [
                {"case_id": case_id, "path": path, "reason": reason}
                for (case_id, path), reason in self.failures.items()
            ],
            "n_failed": len(self.failures),
            "reasons": [reason.to_json() for reason in self.reasons],
            "bytes_to_come": self.bytes_to_come,
            "cases_per_s": self.cases_per_s,
            "reading_busy": self.reading_busy,
            "device_busy": self.device_busy,
        }


@dataclass(frozen=True)
class ExtractReport:
    """Account for every modality of the settings."""

    modalities: tuple[ModalityReport, ...]
    """Those of kind `volume`."""
    not_extracted: dict[str, str]
    """Kind of each other modality: checked with the cohort, nothing to extract."""
    wall_s: float
    notes: tuple[str, ...] = ()
    """What the user should know before trusting results, a sentence each."""

    @property
    def n_failed(self) -> int:
        """Cases that cannot be embedded, over all modalities."""
        return sum(len(report.failures) for report in self.modalities)

    @property
    def is_complete(self) -> bool:
        """Whether no case failed."""
        return self.n_failed == 0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        return {
            "modalities": [report.to_json() for report in self.modalities],
            "not_extracted": self.not_extracted,
            "n_failed": self.n_failed,
            "wall_s": self.wall_s,
            "notes": list(self.notes),
        }


@dataclass
class Tally:
    """Count and time the work on one modality while it goes on."""

    n_done: int = 0
    n_extracted: int = 0
    n_changed: int = 0
    n_scans: int = 0
    """Scans that were looked at."""
    n_not_asked: int = 0
    n_tokens: int = 0
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    """By case and path of its scan."""
    rejected: set[tuple[str, str]] = field(default_factory=set)
    """Those of the failures that were rejected for their quality."""
    costs: StageCosts = field(default_factory=StageCosts)
    phases_s: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("plan", "load", "embed", "finish"), 0.0)
    )
    workers: int = 0
    batch_windows: int = 0
    smallest_batch: int | None = None
    started: float = field(default_factory=time.perf_counter)

    def report(
        self,
        *,
        modality: str,
        encoder: str,
        cache: Path,
        plan: Plan,
        reasons: tuple[Reason, ...] = (),
        max_tokens: int | None = None,
        row_bytes: int = 0,
    ) -> ModalityReport:
        """Return the counts and times so far."""
        n_jobs = sum(len(job.known) for job in plan.jobs)
        n_before = len(plan.done) + len(plan.failed_before) + len(plan.rejected_before)
        n_cases = n_jobs + n_before + len(plan.absent)
        n_settled = len(plan.absent) + self.n_done + self.n_extracted + len(self.failures)
        return ModalityReport(
            modality=modality,
            encoder=encoder,
            cache=cache,
            n_cases=n_cases + self.n_not_asked,
            n_absent=len(plan.absent),
            n_done_before=self.n_done,
            n_extracted=self.n_extracted,
            n_changed=self.n_changed,
            n_scans=self.n_scans,
            n_pending=n_cases - n_settled,
            n_not_asked=self.n_not_asked,
            failures=dict(sorted(self.failures.items())),
            n_rejected=len(self.rejected),
            phases_s=self.phases_s,
            stages=self.costs.to_json(),
            workers=self.workers,
            batch_windows=self.batch_windows,
            smallest_batch=self.smallest_batch,
            wall_s=time.perf_counter() - self.started,
            reasons=reasons,
            n_tokens=self.n_tokens,
            max_tokens=max_tokens,
            row_bytes=row_bytes,
        )

    def begin(self, plan: Plan) -> None:
        """Count what was settled before."""
        self.n_done += len(plan.done)
        before = plan.failed_before | plan.rejected_before
        self.failures |= {(case, str(source)): why for (case, source), why in before.items()}
        self.rejected |= {(case, str(source)) for case, source in plan.rejected_before}

    def fail(self, cases: Iterable[str], scan: Scan) -> None:
        """Count a scan that failed, or was rejected, for all the cases that have it."""
        keys = [(case, str(scan.job.source)) for case in cases]
        self.failures |= dict.fromkeys(keys, scan.failure or "")
        self.rejected |= set(keys) if scan.quality else set()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time of a block to a phase."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.phases_s[name] += time.perf_counter() - start


def _seconds(stages: Mapping[str, Mapping[str, float]], names: Iterable[str]) -> float:
    return sum(stages[name]["seconds"] for name in names if name in stages)


def _share(busy_s: float, of_s: float) -> float:
    return busy_s / of_s if of_s > 0 else 0.0
