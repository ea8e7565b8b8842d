"""``mmfeat extract``: embed the scans, show what was done, list what failed."""

from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import ProgressBar, console, print_json
from .extraction_account import show_account
from .extraction_reasons import show_reasons
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides, TrustCode
from .stopping import stop_requests

if TYPE_CHECKING:
    from rich.table import Table

    from mmfeat.stages.extraction.report import ExtractReport, ModalityReport

_SHOWN_FAILURES = 10


def extract(
    config: ConfigFile = DEFAULT_CONFIG,
    overrides: Overrides = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Look at no more than N scans in this run."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CASE",
            help="Look at this case alone; repeatable. Also a pattern such as 'lung-*', or @FILE "
            "with one case a line.",
        ),
    ] = None,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try the scans again that failed before.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what there is to do and why; write nothing.")
    ] = False,
    trust_code: TrustCode = False,
    as_json: AsJson = False,
) -> None:
    """Embed the scans with the frozen encoders, into the feature cache.

    Finished scans are kept, however the command ends; the same command goes on from there.

    Scans that cannot be read, or are rejected for their quality, are listed in
    failures.csv; the exit code is then 3.

    Example: mmfeat extract mmfeat.yaml --set extract.workers=4
    """
    with stop_requests() as should_stop, ProgressBar() as progress:
        # These take seconds, in which a signal may come, too.
        from mmfeat.config.loading import load_project
        from mmfeat.stages.extraction.extract import extract as extract_features

        project = load_project(config, overrides or [])
        report = extract_features(
            project,
            progress=progress,
            should_stop=should_stop,
            limit=limit,
            retry_failed=retry_failed,
            dry_run=dry_run,
            only=only,
            trust_code=trust_code,
        )
    if as_json:
        print_json(report.to_json())
    else:
        show_extraction(report)
        for modality in report.modalities if dry_run else ():
            show_reasons(modality)
    raise typer.Exit(exit_codes.SOME_FAILED if report.n_failed else exit_codes.DONE)


def show_extraction(report: "ExtractReport") -> None:
    """Print a table of what was done, then the first failures and where all of them are."""
    console.print(_table(report))
    for name, kind in report.not_extracted.items():
        console.print(f"{name}: {kind}, checked; nothing to extract", markup=False)
    for modality in report.modalities:
        _show_failures(modality)
    for note in report.notes:
        console.print(f"note: {note}", markup=False, soft_wrap=True)


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
    console.print(
        f"{modality.modality}: features in {modality.cache}", markup=False, soft_wrap=True
    )
    shown = list(modality.failures.items())[:_SHOWN_FAILURES]
    for (case_id, _), reason in shown:
        console.print(f"  failed: {case_id}: {reason}", markup=False, soft_wrap=True)
    if modality.failures:
        more = len(modality.failures) - len(shown)
        others = f"{more} more failures and " if more else ""
        console.print(
            f"  {others}all failures with their reasons: {modality.cache / 'failures.csv'}; "
            "mend the files, or run again with --retry-failed",
            markup=False,
            soft_wrap=True,
        )
