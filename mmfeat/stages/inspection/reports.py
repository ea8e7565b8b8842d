"""Inspect a cohort and write what was found: quality.parquet and the contact sheet."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import mmfeat
from mmfeat.errors import CohortError
from mmfeat.progress import Progress
from mmfeat.quality import Thresholds
from mmfeat.quality.wording import header_lines, measured_lines
from mmfeat.report.contact_sheet import SheetCase, SheetHeading, write_contact_sheet
from mmfeat.report.contact_sheet_thumbnail import histogram_outline
from mmfeat.stages.inspection.cohort import InspectedCase, InspectedCohort, inspect_scans
from mmfeat.stages.inspection.sources import CohortScan
from mmfeat.stages.quality_table import QualityRow, write_quality_table

TABLE, SHEET = "quality.parquet", "contact-sheet.html"
_DEFAULTS = Thresholds().to_json()


def inspect_cohort(
    scans: Sequence[CohortScan],
    folder: Path,
    *,
    title: str,
    progress: Progress,
    should_stop: Callable[[], bool],
) -> InspectedCohort:
    """Inspect scans, and write table and contact sheet into a folder.

    Both are made from what is kept of each scan in the folder's ``scans/``, and take the place of
    older ones.

    Args:
        scans: All scans of the cohort.
        folder: Made if it is not there.
        title: What the sheet is of.
        progress: Is told of each scan.
        should_stop: Asked between scans.

    Raises:
        CohortError: There are no scans, or the folder cannot be written.
        Interrupted: A stop was asked for; what was seen is kept.
    """
    if not scans:
        raise CohortError(f"{title}: no case has a scan; name the column with their paths")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        cases = inspect_scans(scans, folder, progress=progress, should_stop=should_stop)
        found = InspectedCohort(cases, folder / TABLE, folder / SHEET)
        thresholds = {scan.modality: scan.thresholds for scan in scans}
        write_quality_table(found.table, [_row(case) for case in cases], thresholds)
        heading = SheetHeading(
            f"Quality of {title}", found.counts, found.code_counts, _footer(scans)
        )
        write_contact_sheet(found.sheet, heading, [_sheet_case(case) for case in cases])
    except OSError as error:
        raise CohortError(
            f"{folder}: cannot be written ({error.strerror}); name another folder with --output"
        ) from error
    return found


def _row(case: InspectedCase) -> QualityRow:
    scan, facts = case.scan, case.look.facts if case.look else None
    return QualityRow(scan.modality, scan.case_id, scan.source, facts, case.verdict, case.reason)


def _sheet_case(case: InspectedCase) -> SheetCase:
    look = case.look
    return SheetCase(
        name=case.scan.case_id,
        modality=case.scan.modality,
        source=case.scan.source,
        standing=case.standing,
        reason=case.reason.removeprefix(f"{case.scan.path}: "),
        findings=case.verdict.findings if case.verdict else (),
        lines=measured_lines(look.facts) | header_lines(look.facts) if look else {},
        thumbnail=look.thumbnail if look else None,
        histogram=histogram_outline(look.histogram) if look else "",
    )


def _footer(scans: Sequence[CohortScan]) -> str:
    changed = {
        f"{scan.modality}.{name}": value
        for scan in scans
        for name, value in scan.thresholds.to_json().items()
        if value != _DEFAULTS[name]
    }
    words = ", ".join(f"{name} {value}" for name, value in changed.items()) or "the defaults"
    return (
        f"Made by mmfeat {mmfeat.__version__} inspect, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC. "
        f"Thresholds: {words}. Histograms: root of the share of voxels. Not for diagnosis."
    )
