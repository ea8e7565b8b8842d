"""Find the scans that the manifest names, and check those that any table names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.errors import Fault
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW

SEPARATOR = ";"
"""What stands between the paths of one cell."""


@dataclass(frozen=True)
class NamedScan:
    """One path in a table."""

    case: int
    """Row number of its case in the manifest, from 0."""
    text: str
    """The path as written."""
    path: Path
    row: int
    """Where it stands, as a spreadsheet counts."""
    days: float | None = None
    """As in CaseScan."""


def find_scans(
    frame: pd.DataFrame, column: str, *, folder: Path, patients: Sequence[str | None]
) -> tuple[tuple[tuple[CaseScan, ...], ...], list[Fault]]:
    """Return the scans of each case, and a fault for each that cannot be right.

    Args:
        frame: The manifest as text.
        column: Column with one or several files or folders for each case; an empty cell: no scan.
        folder: Folder of the manifest, that paths are relative to.
        patients: Patient of each case; a scan of two patients is a fault.
    """
    named = [
        NamedScan(row - FIRST_ROW, text, (folder / text).absolute(), row)
        for row, cell in enumerate(texts(frame, column), start=FIRST_ROW)
        if cell is not None
        for text in split_paths(cell, folder)
    ]
    faults = scan_faults(named, column, patients)
    if not named:
        faults.append(Fault("no case has a scan; name the column with their paths", column=column))
    return scans_of_cases(named, len(frame)), faults


def split_paths(cell: str, folder: Path) -> list[str]:
    """Return the paths in a cell; one that is there with a `;` in its name is one path."""
    if SEPARATOR not in cell or is_there(folder / cell):
        return [cell]
    return [text for part in cell.split(SEPARATOR) if (text := part.strip())] or [cell]


def scan_faults(
    named: Iterable[NamedScan],
    column: str,
    patients: Sequence[str | None],
    *,
    table: str | None = None,
) -> list[Fault]:
    """Return a fault for each path that leads nowhere, is of another patient, or is there twice.

    Args:
        named: All paths of a table.
        column: Where they stand.
        patients: Patient of each case.
        table: Name of the table when it is not the manifest.
    """
    faults = []
    firsts: dict[Path, NamedScan] = {}
    seen: dict[tuple[int, Path], NamedScan] = {}
    for scan in named:
        first = firsts.setdefault(scan.path, scan)
        before = seen.setdefault((scan.case, scan.path), scan)
        if not is_there(scan.path):
            message = _advice(scan.text, scan.path, table or "the manifest")
        elif patients[first.case] != patients[scan.case]:
            message = f"the scan of another patient, in row {first.row}; correct one of them"
        elif before is not scan:
            message = f"a second time for the same case, after row {before.row}; take one out"
        else:
            continue
        faults.append(Fault(message, scan.row, column, scan.text, table))
    return faults


def scans_of_cases(named: Iterable[NamedScan], n_cases: int) -> tuple[tuple[CaseScan, ...], ...]:
    """Bring the scans of each case together, in the order that ``Cohort.sources`` has."""
    scans: list[list[CaseScan]] = [[] for _ in range(n_cases)]
    for scan in named:
        scans[scan.case].append(CaseScan(scan.path, scan.days))
    return tuple(tuple(sorted(of_case, key=_order)) for of_case in scans)


def is_there(path: Path) -> bool:
    """Say whether a path leads to something; a text too long for a path does not."""
    try:
        return path.exists()
    except OSError:
        return False


def _order(scan: CaseScan) -> tuple[bool, float, str]:
    return scan.days is None, scan.days or 0.0, str(scan.path)


def _advice(text: str, path: Path, table: str) -> str:
    if "\\" in text:
        return "no such file or folder; write the path with / instead of \\"
    if Path(text).is_absolute():
        return "no such file or folder; correct the path, or empty the cell if there is no scan"
    return (
        f"no such file or folder in {path.parent}; paths are relative to {table}; correct it, "
        "or empty the cell if there is no scan"
    )
