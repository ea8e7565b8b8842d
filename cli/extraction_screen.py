"""What ``mmfeat extract`` shows when it ends: counts, costs, failures, what is missing."""

from typing import TYPE_CHECKING

from .console import console
from .extraction_account import show_account

if TYPE_CHECKING:
    from rich.table import Table

    from mmfeat.stages.extraction.finish import FinishReport
    from mmfeat.stages.extraction.report import ExtractReport, ModalityReport

_SHOWN_FAILURES = 10


def show_extraction(report: "ExtractReport") -> None:
    """Print a table of what was done, then the first failures and where all of them are."""
    console.print(_table(report))
    for name, kind in report.not_extracted.items():
        console.print(f"{name}: {kind}, checked; nothing to extract")
    for modality in report.modalities:
        _show_failures(modality)
    for note in report.notes:
        console.print(f"note: {note}", soft_wrap=True)


def show_finish(report: "FinishReport") -> None:
    """Print the same of all shards together, then what is missing or wrong."""
    show_extraction(report.extraction)
    for name, scans in report.missing.items():
        for case_id, path in scans[:_SHOWN_FAILURES]:
            console.print(f"  missing: {case_id}: {path}", soft_wrap=True)
        if scans:
            console.print(
                f"{name}: {len(scans)} scans have not been looked at as they are now; run `mmfeat "
                "extract`, or the shards that were not done, and then --finish again",
                soft_wrap=True,
            )
    for problems in report.problems.values():
        for problem in problems:
            console.print(f"wrong: {problem}", soft_wrap=True)
    if report.is_complete:
        console.print("every scan has its feature, and every feature is what was written")


def _table(report: "ExtractReport") -> "Table":
    """Return a table with a column for each modality, which fits where rows would not."""
    from rich import box
    from rich.table import Table

    table = Table("extraction", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for modality in report.modalities:
        table.add_column(modality.modality, justify="right")
    rows = {
        "encoder": [modality.encoder for modality in report.modalities],
        "cases": [str(modality.n_cases) for modality in report.modalities],
        "without a scan": [str(modality.n_absent) for modality in report.modalities],
        "done before": [str(modality.n_done_before) for modality in report.modalities],
        "extracted": [str(modality.n_extracted) for modality in report.modalities],
        "  of them, a changed file": [str(modality.n_changed) for modality in report.modalities],
        "  their tokens": [_tokens(modality) for modality in report.modalities],
        "failed": [
            str(len(modality.failures) - modality.n_rejected) for modality in report.modalities
        ],
        "rejected for their quality": [str(modality.n_rejected) for modality in report.modalities],
        "left to do": [str(modality.n_pending) for modality in report.modalities],
        "not asked for": [str(modality.n_not_asked) for modality in report.modalities],
        "seconds": [f"{modality.wall_s:.1f}" for modality in report.modalities],
        "cases a second": [f"{modality.cases_per_s:.2f}" for modality in report.modalities],
    }
    if all(modality.max_tokens is None for modality in report.modalities):
        del rows["  their tokens"]
    for heading, cells in rows.items():
        table.add_row(heading, *cells)
    return table


def _tokens(modality: "ModalityReport") -> str:
    return "-" if modality.max_tokens is None else str(modality.n_tokens)


def _show_failures(modality: "ModalityReport") -> None:
    show_account(modality)
    console.print(f"{modality.modality}: features in {modality.cache}", soft_wrap=True)
    shown = list(modality.failures.items())[:_SHOWN_FAILURES]
    for (case_id, _), reason in shown:
        console.print(f"  failed: {case_id}: {reason}", soft_wrap=True)
    if modality.failures:
        more = len(modality.failures) - len(shown)
        others = f"{more} more failures and " if more else ""
        console.print(
            f"  {others}all failures with their reasons: {modality.cache / 'failures.csv'}; "
            "mend the files, or run again with --retry-failed",
            soft_wrap=True,
        )
