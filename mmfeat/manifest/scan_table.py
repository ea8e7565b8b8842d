"""Read a table with one row for each scan, of any number of scans a case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from mmfeat.config.modalities import VolumeModality
from mmfeat.config.scans import ScanTable
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import Fault
from mmfeat.manifest.cohort import CaseScan
from mmfeat.manifest.identities import texts
from mmfeat.manifest.reading import FIRST_ROW, read_manifest
from mmfeat.manifest.region_columns import columns_of, read_regions
from mmfeat.manifest.scan_paths import NamedScan, scan_faults, scans_of_cases, shown_path
from mmfeat.manifest.scan_times import days_before_index, time_faults
from mmfeat.remote_path import AnyPath, located
from mmfeat.wording import first_few

_GUESSED = 20
"""For so many unknown cases the nearest known one is looked for, which takes its time."""


@dataclass(frozen=True)
class SideTable:
    """A table beside the manifest, as text."""

    file: AnyPath
    frame: pd.DataFrame


@dataclass(frozen=True)
class TableScans:
    """The scans of each case, and what is to be said of them."""

    sources: tuple[tuple[CaseScan, ...], ...]
    faults: list[Fault]
    note: str | None = None


def read_side_table(file: AnyPath, missing: Collection[str], modality: str) -> SideTable:
    """Read the table of a modality's scans as text; ``missing`` texts become NaN.

    Raises:
        CohortError: It cannot be read as a table.
    """
    named_by = f"modalities.{modality}.scans.file"
    return SideTable(file, read_manifest(file, missing, named_by=named_by, rows_are="scan"))


def read_scan_table(
    table: SideTable,
    modality: VolumeModality,
    *,
    manifest: pd.DataFrame,
    case_ids: Sequence[str | None],
    patients: Sequence[str | None],
) -> TableScans:
    """Return the scans of each case, and a fault for each cell that cannot be right.

    Args:
        table: The table of scans.
        modality: Its ``scans`` say what the columns are; it also says what is done with scans after
            the index date, and with several scans of a case.
        manifest: All columns of the manifest, for the index dates.
        case_ids: The cases.
        patients: Patient of each case.
    """
    settings, name = modality.scans, table.file.name
    if settings is None:
        raise ValueError("the modality has no table of scans")
    if lacking := _lacking_columns(table, settings, columns_of(modality.region)):
        return TableScans(scans_of_cases([], len(case_ids)), lacking)
    named, faults = _named_scans(table, settings, case_ids)
    regions, found = read_regions(
        table.frame, modality.region, folder=table.file.parent, table=name
    )
    named = [replace(scan, region=regions.get(scan.row)) for scan in named]
    faults += found + scan_faults(named, settings.path, patients, table=name)
    named, found = days_before_index(
        named,
        table.frame,
        manifest,
        settings=settings,
        index_date=modality.index_date,
        table=name,
    )
    kept = [
        scan
        for scan in named
        if modality.after_index != "leave_out" or scan.days is None or scan.days >= 0
    ]
    faults += found
    if modality.index_date is None or modality.index_date in manifest.columns:
        told = {fault.row for fault in found if fault.table == name}
        column = settings.date or settings.days
        late = time_faults(kept, modality, column=column, table=name)
        faults += [fault for fault in late if fault.row not in told]
    return TableScans(scans_of_cases(kept, len(case_ids)), faults, _note(name, named, kept))


def _lacking_columns(table: SideTable, settings: ScanTable, further: Sequence[str]) -> list[Fault]:
    known = [str(name) for name in table.frame.columns]
    wanted = (settings.case, settings.path, settings.date, settings.days, *further)
    return [
        Fault(
            "no such column, but the settings name it"
            + (did_you_mean(column, known) or f"; it has {first_few(known, 10)}"),
            column=column,
            table=table.file.name,
        )
        for column in wanted
        if column is not None and column not in known
    ]


def _named_scans(
    table: SideTable, settings: ScanTable, case_ids: Sequence[str | None]
) -> tuple[list[NamedScan], list[Fault]]:
    """Return the scans of known cases, and a fault for every other row."""
    place_of: dict[str, int] = {}
    for place, case_id in enumerate(case_ids):
        place_of.setdefault(case_id or "", place)
    named: list[NamedScan] = []
    faults: list[Fault] = []
    unknown: dict[str, str] = {}
    cells = zip(texts(table.frame, settings.case), texts(table.frame, settings.path), strict=True)
    for row, (case_id, text) in enumerate(cells, start=FIRST_ROW):
        column, value = settings.case, None
        if case_id is None:
            message = "no case id; name the case of this scan, or delete the row"
        elif case_id not in place_of:
            if case_id not in unknown:
                near = did_you_mean(case_id, place_of) if len(unknown) < _GUESSED else ""
                unknown[case_id] = near or "; add it there, or delete the row"
            message, value = f"no case of the manifest{unknown[case_id]}", case_id
        elif text is None:
            message, column = "no path; name the scan, or delete the row", settings.path
        else:
            try:
                path = located(table.file.parent, text)
            except ValueError as error:
                message, column, value = str(error), settings.path, shown_path(text)
            else:
                named.append(NamedScan(place_of[case_id], text, path, row))
                continue
        faults.append(Fault(message, row, column, value, table.file.name))
    return named, faults


def _note(name: str, named: Sequence[NamedScan], kept: Sequence[NamedScan]) -> str | None:
    n_scans = len(named) - len(kept)
    n_cases = len({scan.case for scan in named} - {scan.case for scan in kept})
    if n_scans == 0:
        return None
    without = f"; cases that have no other: {n_cases}" if n_cases else ""
    return f"{name}: scans left out because they are after the index date: {n_scans}{without}"
