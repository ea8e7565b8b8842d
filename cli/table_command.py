"""``mmfeat table``: look at the clinical record before anything is trained on it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .console import console, print_json
from .options import DEFAULT_CONFIG, AsJson, ConfigFile, Overrides

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
        markup=False,
        soft_wrap=True,
    )
    for warning in result.warnings:
        console.print(f"look: {warning}", markup=False, soft_wrap=True)
