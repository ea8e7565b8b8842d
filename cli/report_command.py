"""``mmfeat report``: the report of an evaluated run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from .console import console
from .options import DEFAULT_CONFIG
from .stopping import stops_at_once


def report(
    run: Annotated[
        Path,
        typer.Argument(metavar="RUN", help="Run folder that was evaluated, or its settings file."),
    ] = DEFAULT_CONFIG,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Where to write; else RUN/report.html."),
    ] = None,
    largest_mb: Annotated[
        float,
        typer.Option(
            "--largest-mb", min=0.1, help="Leave out what is least needed of a larger page."
        ),
    ] = 5.0,
) -> None:
    """Write the report of a run again, from the results that eval left in its folder.

    One file for any browser, with nothing from a network: verdict, cohort, curves,
    calibration, missing data, groups, features, provenance and checklists.

    Example: mmfeat report run --output study.html
    """
    from mmfeat.config.loading import load_project
    from mmfeat.report.html import write_report

    folder = run
    if not run.is_dir():
        project = load_project(run)
        folder = project.path(project.settings.train.run)
    largest_bytes = round(largest_mb * 1_000_000)
    with stops_at_once():
        path = write_report(folder, output, largest_bytes=largest_bytes)
    console.print(str(path), soft_wrap=True)
