"""Find the scans that the manifest names, and check those that any table names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.errors import Fault
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW
from mmfeat.manifest.regions import Region

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
    region: Region | None = None


def find_scans(
    frame: pd.DataFrame,
    column: str,
    *,
    folder: Path,
    patients: Sequence[str | None],
    regions: Mapping[int, Region] | None = None,
) -> tuple[tuple[tuple[CaseScan, ...], ...], list[Fault]]:
    """Return the scans of each case, and a fault for each that cannot be right.

    Args:
        frame: The manifest as text.
        column: Column with one or several files or folders for each case; an empty cell: no scan.
        folder: Folder of the manifest, that paths are relative to.
        patients: Patient of each case; a scan of two patients is a fault.
        regions: Where to look in the scan of a row; a fault where the row has several.
    """
    regions = regions or {}
    named = [
        NamedScan(row - FIRST_ROW, text, (folder / text).absolute(), row, region=regions.get(row))
        for row, cell in enumerate(texts(frame, column), start=FIRST_ROW)
        if cell is not None
        for text in split_paths(cell, folder)
    ]
    faults = scan_faults(named, column, patients) + _region_faults(named, column)
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
    seen: dict[tuple[int, Path, Region | None], NamedScan] = {}
    for scan in named:
        first = firsts.setdefault(scan.path, scan)
        before = seen.setdefault((scan.case, scan.path, scan.region), scan)
        if not is_there(scan.path):
            message = missing_path(scan.text, scan.path, table or "the manifest")
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
        scans[scan.case].append(CaseScan(scan.path, scan.days, scan.region))
    return tuple(tuple(sorted(of_case, key=_order)) for of_case in scans)


def is_there(path: Path) -> bool:
    """Say whether a path leads to something; a text too long for a path does not."""
    try:
        return path.exists()
    except OSError:
        return False


def missing_path(text: str, path: Path, table: str, *, what: str = "scan") -> str:
    """Say what to do about a path of a table that leads nowhere."""
    if "\\" in text:
        return "no such file or folder; write the path with / instead of \\"
    if Path(text).is_absolute():
        return f"no such file or folder; correct the path, or empty the cell if there is no {what}"
    return (
        f"no such file or folder in {path.parent}; paths are relative to {table}; correct it, "
        f"or empty the cell if there is no {what}"
    )


def _region_faults(named: Sequence[NamedScan], column: str) -> list[Fault]:
    """Return a fault for each row with several scans, if it says where to look in them."""
    n_scans = Counter(scan.row for scan in named)
    return [
        Fault(
            f"{n_scans[row]} scans, but one point or mask; list them in `scans`, a table with one "
            "row for each",
            row,
            column,
        )
        for row in dict.fromkeys(scan.row for scan in named if scan.region is not None)
        if n_scans[row] > 1
    ]


def _order(scan: CaseScan) -> tuple[bool, float, str, str]:
    return scan.days is None, scan.days or 0.0, str(scan.path), str(scan.region or "")
