"""Find the scans that the manifest names, and check those that any table names."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.errors import Fault, RemoteError
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW
from mmfeat.manifest.regions import Region
from mmfeat.remote import files_seen, look_at_all
from mmfeat.remote_path import AnyPath, RemotePath, is_url, located

SEPARATOR = ";"
"""What stands between the paths of one cell."""


@dataclass(frozen=True)
class NamedScan:
    """One path in a table."""

    case: int
    """Row number of its case in the manifest, from 0."""
    text: str
    """The path as written."""
    path: AnyPath
    row: int
    """Where it stands, as a spreadsheet counts."""
    days: float | None = None
    """As in CaseScan."""
    region: Region | None = None


def find_scans(
    frame: pd.DataFrame,
    column: str,
    *,
    folder: AnyPath,
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
    named: list[NamedScan] = []
    faults: list[Fault] = []
    for row, cell in enumerate(texts(frame, column), start=FIRST_ROW):
        for text in [] if cell is None else split_paths(cell, folder):
            try:
                path = located(folder, text)
            except ValueError as error:
                faults.append(Fault(str(error), row, column, shown_path(text)))
            else:
                region = regions.get(row)
                named.append(NamedScan(row - FIRST_ROW, text, path, row, region=region))
    has_none = not named and not faults
    faults += scan_faults(named, column, patients) + _region_faults(named, column)
    if has_none:
        faults.append(Fault("no case has a scan; name the column with their paths", column=column))
    return scans_of_cases(named, len(frame)), faults


def split_paths(cell: str, folder: AnyPath) -> list[str]:
    """Return the paths in a cell; one that is on disk with a `;` in its name is one path."""
    if SEPARATOR not in cell:
        return [cell]
    if isinstance(folder, Path) and not is_url(cell) and is_there(folder / cell):
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

    Raises:
        RemoteError: A store that URLs lead to cannot be reached.
    """
    named, faults = list(named), []
    look_at_all(scan.path for scan in named if isinstance(scan.path, RemotePath))
    firsts: dict[AnyPath, NamedScan] = {}
    seen: dict[tuple[int, AnyPath, Region | None], NamedScan] = {}
    for scan in named:
        first = firsts.setdefault(scan.path, scan)
        before = seen.setdefault((scan.case, scan.path, scan.region), scan)
        if not is_there(scan.path):
            message = missing_path(scan.text, scan.path, table=table or "the manifest")
        elif patients[first.case] != patients[scan.case]:
            message = f"the scan of another patient, in row {first.row}; correct one of them"
        elif before is not scan:
            message = f"a second time for the same case, after row {before.row}; take one out"
        else:
            continue
        faults.append(Fault(message, scan.row, column, shown_path(scan.text), table))
    return faults


def scans_of_cases(named: Iterable[NamedScan], n_cases: int) -> tuple[tuple[CaseScan, ...], ...]:
    """Bring the scans of each case together, in the order that ``Cohort.sources`` has."""
    scans: list[list[CaseScan]] = [[] for _ in range(n_cases)]
    for scan in named:
        scans[scan.case].append(CaseScan(scan.path, scan.days, scan.region))
    return tuple(tuple(sorted(of_case, key=_order)) for of_case in scans)


def is_there(path: AnyPath) -> bool:
    """Say whether a path leads to something; a text too long for a path does not."""
    if isinstance(path, RemotePath):
        try:
            return bool(files_seen(path))
        except RemoteError:
            return False
    try:
        return path.exists()
    except OSError:
        return False


def leads_somewhere(folder: AnyPath, text: str) -> bool:
    """Say whether a path in a table leads to something; a URL that is not read does not."""
    try:
        return is_there(located(folder, text))
    except ValueError:
        return False


def missing_path(text: str, path: AnyPath, *, table: str, what: str = "scan") -> str:
    """Say what to do about a path of a table that leads nowhere."""
    empty = f"or empty the cell if there is no {what}"
    if isinstance(path, RemotePath):
        return _missing_url(path, f"correct the URL, {empty}")
    if "\\" in text:
        return "no such file or folder; write the path with / instead of \\"
    if Path(text).is_absolute():
        return f"no such file or folder; correct the path, {empty}"
    return (
        f"no such file or folder in {path.parent}; paths are relative to {table}; correct it, "
        f"{empty}"
    )


def shown_path(text: str) -> str:
    """Return a path as messages may show it: of a URL nothing that may be secret."""
    try:
        return str(RemotePath.parse(text))
    except ValueError:
        return f"{text.partition('://')[0]}://..." if is_url(text) else text


def _missing_url(path: RemotePath, advice: str) -> str:
    """Say why there is nothing at a URL, as the store said it."""
    try:
        files_seen(path)
    except RemoteError as error:
        if not error.is_missing:
            return str(error).removeprefix(f"{path}: ")
    return f"no such file or folder; {advice}"


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
