"""Find the scans that the manifest names."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from mmfeat.errors import Fault
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW


def find_scans(
    frame: pd.DataFrame, column: str, *, folder: Path, patients: Sequence[str | None]
) -> tuple[tuple[Path | None, ...], list[Fault]]:
    """Return the absolute path of each case's scan, and a fault for each that cannot be right.

    Args:
        frame: The manifest as text.
        column: Column with a file or a folder for each case; an empty cell: no scan.
        folder: Folder of the manifest, that paths are relative to.
        patients: Patient of each case; a scan of two patients is a fault.
    """
    paths: list[Path | None] = []
    faults = []
    first_rows: dict[Path, int] = {}
    for row, text in enumerate(texts(frame, column), start=FIRST_ROW):
        if text is None:
            paths.append(None)
            continue
        path = (folder / text).absolute()
        paths.append(path)
        first = first_rows.setdefault(path, row)
        if not is_there(path):
            faults.append(Fault(_advice(text, path), row, column, text))
        elif patients[first - FIRST_ROW] != patients[row - FIRST_ROW]:
            message = f"the scan of another patient, in row {first}; correct one of them"
            faults.append(Fault(message, row, column, text))
    if not any(paths):
        faults.append(Fault("no case has a scan; name the column with their paths", column=column))
    return tuple(paths), faults


def is_there(path: Path) -> bool:
    """Say whether a path leads to something; a text too long for a path does not."""
    try:
        return path.exists()
    except OSError:
        return False


def _advice(text: str, path: Path) -> str:
    if "\\" in text:
        return "no such file or folder; write the path with / instead of \\"
    if Path(text).is_absolute():
        return "no such file or folder; correct the path, or empty the cell if there is no scan"
    return (
        f"no such file or folder in {path.parent}; paths are relative to the manifest; correct it, "
        "or empty the cell if there is no scan"
    )
