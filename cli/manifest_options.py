"""Options that the commands of ``mmfeat manifest`` share."""

from pathlib import Path
from typing import Annotated

import typer

CohortName = Annotated[
    str, typer.Argument(metavar="NAME", help="Cohort, as `mmfeat manifest list` shows it.")
]
Variant = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Which of the cohort's variants; its first when not given."),
]
Output = Annotated[
    Path,
    typer.Option(
        "--output", "-o", metavar="DIR", help="Folder for the table, the settings and an account."
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do everything, and say so, but write nothing.")
]
