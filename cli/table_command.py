"""``mmfeat table``: look at the clinical record before anything is trained on it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import exit_codes
from .console import console, print_json, show_lines
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides

if TYPE_CHECKING:
    from mmfeat.record_encoders.describing import DescribedEncoder

table_app = typer.Typer(help="Look at the clinical record.", no_args_is_help=True)


@table_app.callback()
def _group() -> None:
    """Look at the clinical record."""


@table_app.command("report")
def report(
    config: ConfigFile = DEFAULT_CONFIG,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The page to write; table_report.html beside the settings when not given.",
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the page if it is there.")
    ] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Write an HTML page of the records: types, gaps, distributions, drift, leaks.

    Columns and their relation to the targets are shown for the training and validation part of the
    first fold only. The page needs nothing from a network; it holds values of single patients, so
    keep it where the table may be kept.

    Example: mmfeat table report mmfeat.yaml
    """
    from mmfeat.config.loading import load_project
    from mmfeat.stages.table_report import write_table_report

    project = load_project(config, overrides or [])
    result = write_table_report(
        project, output or project.folder / "table_report.html", overwrite=overwrite
    )
    if as_json:
        print_json(
            {
                "file": str(result.file),
                "n_cases": result.n_cases,
                "n_columns": result.n_columns,
                "warnings": list(result.warnings),
                "drift": [asdict(column) for column in result.drift],
            }
        )
        return
    console.print(
        f"{result.file}: {result.n_columns} columns of {result.n_cases} cases; "
        f"{result.n_drifting} drift from training to test",
        soft_wrap=True,
    )
    for warning in result.warnings:
        console.print(f"look: {warning}", soft_wrap=True)


@table_app.command("encoders")
def encoders(as_json: AsJson = False) -> None:
    """List the encoders of the record that `modalities.NAME.encoder` can name.

    Example: mmfeat table encoders --json
    """
    from mmfeat.record_encoders.describing import described_encoders

    found = described_encoders()
    if as_json:
        print_json([asdict(encoder) for encoder in found])
        return
    from rich.table import Table

    table = Table(
        "encoder", "what it does", "packages", title="Encoders of the record", title_justify="left"
    )
    for encoder in found:
        table.add_row(encoder.name, encoder.summary, _packages(encoder))
    console.print(table)


def _packages(encoder: "DescribedEncoder") -> str:
    if not encoder.packages:
        return "none"
    if encoder.installed:
        return "here"
    return f'pip install "mmfeat\\[{encoder.extra}]"'


@table_app.command("drift")
def drift(
    config: ConfigFile,
    table: Annotated[
        Path,
        typer.Argument(metavar="TABLE", help="CSV, TSV, Parquet or Excel that came later."),
    ],
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Read a table that came later, and say how its records differ from those trained on.

    Cells are checked as those of the manifest are, and all that do not fit are listed (exit code
    2). Columns may be in any order; one that is not there is unknown in every row, one that the
    settings do not name is not looked at. Compared are gaps, distributions, new categories, and
    numbers beyond those of the training and validation part of the first fold.

    Example: mmfeat table drift mmfeat.yaml later.csv
    """
    from mmfeat.config.loading import load_project
    from mmfeat.errors import CohortError
    from mmfeat.stages.table_drift import compare_with_training

    from .table_drift_screen import drift_json, drift_summary, drift_table

    project = load_project(config, overrides or [])
    try:
        found = compare_with_training(project, table)
    except CohortError as error:
        if not as_json or not error.faults:
            raise
        print_json({"faults": [vars(fault) for fault in error.faults]})
        raise typer.Exit(exit_codes.USER_CAN_MEND) from error
    if as_json:
        print_json(drift_json(found))
        return
    if any(column.differs or column.has_news for column in found.columns):
        console.print(drift_table(found))
    show_lines((drift_summary(found), *(f"note: {note}" for note in found.notes)))
