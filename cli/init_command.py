"""``mmfeat init``: settings for a table of one's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import console, print_json, show_lines
from .options import DEFAULT_CONFIG, AsJson

if TYPE_CHECKING:
    from mmfeat.stages.init import InitReport


def init(
    manifest: Annotated[
        Path,
        typer.Option(
            "--manifest", "-m", metavar="TABLE", help="CSV, TSV, Parquet or Excel: one row a case."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="CONFIG", help="Settings file to write.")
    ] = DEFAULT_CONFIG,
    targets: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="COLUMN", help="Column to predict; repeatable."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the settings file if it is there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a table and write commented settings: roles and types guessed, doubts marked.

    Every guess has a reason and a confidence: how likely one more cell would fit it, shared with
    whatever else fits as well. Those of 50 % or less are marked `# check:` and shown first.

    Example: `mmfeat init --manifest table.csv --target cancer`
    """
    from mmfeat.stages.init import write_settings

    from .init_screen import guesses_json, guesses_table

    report = write_settings(manifest, output, targets=targets or [], overwrite=overwrite)
    if as_json:
        print_json(guesses_json(report))
        return
    console.print(guesses_table(report))
    show_lines(_lines(report))


def _lines(report: "InitReport") -> list[str]:
    guessed = report.guessed
    modalities = [*guessed.volumes, *(["clinical"] if guessed.columns else [])]
    n_doubtful = report.n_doubtful
    look = f"look at the {n_doubtful} line{'s' * (n_doubtful != 1)} with `# check:`, then "
    return [
        f"{report.file}: written for {report.n_rows} rows",
        f"  cases by `{guessed.case_id.value}`, patients by `{guessed.patient_id.value}`",
        f"  targets: {', '.join(guessed.targets)}",
        f"  modalities: {', '.join(modalities)}; {len(guessed.columns)} columns of the record, "
        f"{len(guessed.left_out)} left out",
        f"Next: {look if n_doubtful else ''}run `mmfeat config check {report.file}`",
    ]
