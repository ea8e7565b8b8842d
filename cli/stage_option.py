"""`--stage DIR` of extraction, which stands for the setting `extract.stage`."""

import json
from pathlib import Path
from typing import Annotated

import typer

Stage = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="Copy scans to this folder, on a disk of the machine's own, just before they are "
        "read; the copies are removed afterwards.",
    ),
]


def stage_override(stage: str | None) -> list[str]:
    """Return the setting as `--set` takes it; a relative folder is one of the caller's.

    Example:
        >>> stage_override("$TMPDIR")
        ['extract.stage="$TMPDIR"']
    """
    if stage is None:
        return []
    folder = stage if stage.startswith(("$", "~")) else str(Path(stage).absolute())
    return [f"extract.stage={json.dumps(folder)}"]
