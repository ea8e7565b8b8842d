"""Inspect all scans of a cohort: a table of what was measured, and a contact sheet."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from mmfeat.core_budget import allotted_cores
from mmfeat.errors import Interrupted, RemoteError, VolumeError, one_line
from mmfeat.progress import Progress
from mmfeat.quality import Verdict, judge
from mmfeat.report.contact_sheet_thumbnail import thumbnail
from mmfeat.stages.done_ahead import done_ahead
from mmfeat.stages.inspection.look import look_at, read_to_look
from mmfeat.stages.inspection.sources import CohortScan
from mmfeat.stages.inspection.store import KeptLook, LookStore

_KEPT = "scans"
STANDINGS = ("unreadable", "reject", "warn", "pass")
"""What becomes of a scan, the worst first ..."""
FAILED = ("unreadable", "reject")
"""... and for which of these a command ends with the code of failures."""


@dataclass(frozen=True)
class InspectedCase:
    """Hold what was found out about the scan of one case: a verdict, or why there is none."""

    scan: CohortScan
    look: KeptLook | None
    verdict: Verdict | None
    reason: str
    """Why the scan cannot be read; empty when it can."""

    @property
    def standing(self) -> str:
        """One of `STANDINGS`."""
        return "unreadable" if self.verdict is None else self.verdict.outcome

    @property
    def why(self) -> str:
        """Why the scan cannot be read, or its worst findings in words."""
        findings = self.verdict.findings if self.verdict else ()
        worst = [one for one in findings if one.severity == self.standing]
        return self.reason or "; ".join(f"{one.code}: {one.message}" for one in worst)


@dataclass(frozen=True)
class InspectedCohort:
    """Hold all cases, the worst first, and where the files about them are."""

    cases: tuple[InspectedCase, ...]
    table: Path
    sheet: Path

    @property
    def counts(self) -> dict[str, int]:
        """Number of cases in each of `STANDINGS`."""
        found = Counter(case.standing for case in self.cases)
        return {standing: found[standing] for standing in STANDINGS}

    @property
    def n_failed(self) -> int:
        """Number of scans that cannot be read or are rejected."""
        return sum(case.standing in FAILED for case in self.cases)

    @property
    def code_counts(self) -> dict[str, int]:
        """Number of cases with each code, the commonest first."""
        found: Counter[str] = Counter()
        for case in self.cases:
            found.update(case.verdict.codes if case.verdict else ())
        return dict(found.most_common())

    def to_json(self) -> dict[str, Any]:
        """Return counts, reasons and files as plain JSON values."""
        return {
            "n_scans": len(self.cases),
            "outcomes": self.counts,
            "codes": self.code_counts,
            "failed": [
                {
                    "case_id": case.scan.case_id,
                    "modality": case.scan.modality,
                    "outcome": case.standing,
                    "reason": case.why,
                }
                for case in self.cases
                if case.standing in FAILED
            ],
            "table": str(self.table),
            "sheet": str(self.sheet),
        }


def inspect_scans(
    scans: Sequence[CohortScan],
    folder: Path,
    *,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> tuple[InspectedCase, ...]:
    """Look at every scan that was not looked at before, and judge all of them, the worst first.

    Args:
        scans: Several cases may share one; with other thresholds none needs a second look.
        folder: Where what was seen is kept.
        progress: Is told of each scan.
        should_stop: Asked between scans.

    Raises:
        Interrupted: A stop was asked for; what was seen is kept.
    """
    of_path = {(scan.path, scan.rules): scan for scan in scans}
    progress.start("looking at scans", len(of_path))
    store = LookStore(folder / _KEPT)
    found: dict[Any, KeptLook | str] = {}
    for scan, look in done_ahead(
        of_path.values(),
        partial(_look, store=store),
        workers=allotted_cores(),
        should_stop=should_stop,
    ):
        found[scan.path, scan.rules] = look
        progress.advance(note=f"{scan.path.name} unreadable" if isinstance(look, str) else "")
    if len(found) < len(of_path):
        raise Interrupted(
            f"{len(found)} of {len(of_path)} scans were looked at, which is kept in "
            f"{folder / _KEPT}; run the same command again to go on"
        )
    cases = [_judged(scan, found[scan.path, scan.rules]) for scan in scans]
    return tuple(sorted(cases, key=_badness))


def _look(scan: CohortScan, *, store: LookStore) -> KeptLook | str:
    """Return what is seen of a scan, now or before, or why it cannot be read."""
    try:
        file = store.file_of(scan)
        kept = store.find(file)
        if kept is not None:
            return kept
        seen = look_at(read_to_look(scan.path, scan.rules))
    except (VolumeError, RemoteError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - one strange file must not end a job of many
        return f"{scan.path}: {type(error).__name__}: {one_line(error)}"
    look = KeptLook(seen.facts, seen.histogram, thumbnail(seen.pictures))
    store.keep(file, look)
    return look


def _judged(scan: CohortScan, look: KeptLook | str) -> InspectedCase:
    if isinstance(look, str):
        return InspectedCase(scan, None, None, look)
    return InspectedCase(scan, look, judge(look.facts, scan.thresholds), "")


def _badness(case: InspectedCase) -> tuple[int, int]:
    """Sort by standing, then by the number of findings of that severity; else as in the table."""
    findings = case.verdict.findings if case.verdict else ()
    n_alike = sum(finding.severity == case.standing for finding in findings)
    return STANDINGS.index(case.standing), -n_alike
