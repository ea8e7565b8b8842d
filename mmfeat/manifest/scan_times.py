"""When scans were made: days to the index date, and scans that nobody can know of on that day."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

import pandas as pd

from mmfeat.config.dates import date_parser
from mmfeat.config.modalities import VolumeModality
from mmfeat.config.scans import ScanTable
from mmfeat.errors import Fault
from mmfeat.manifest.identities import texts
from mmfeat.manifest.numbers import plain_number
from mmfeat.manifest.reading import FIRST_ROW
from mmfeat.manifest.scan_paths import NamedScan

_DAY = timedelta(days=1)
_T = TypeVar("_T")


def days_before_index(
    named: Sequence[NamedScan],
    scans: pd.DataFrame,
    manifest: pd.DataFrame,
    *,
    settings: ScanTable,
    index_date: str | None,
    table: str,
) -> tuple[list[NamedScan], list[Fault]]:
    """Fill in the days from each scan to its case's index date, where they are known.

    Args:
        named: The scans.
        scans: Their table, with a column of dates or of days, or neither.
        manifest: The manifest, with the index dates.
        settings: Name the columns of the scans.
        index_date: Column of the manifest.
        table: Name of the table of scans.
    """
    if settings.days is not None:
        days, faults = _parsed(scans, settings.days, _days, table)
        return [replace(scan, days=days.get(scan.row)) for scan in named], faults
    if settings.date is None or index_date is None:
        return list(named), []
    try:
        parse = date_parser(settings.date_format)
    except ValueError as error:
        return list(named), [Fault(str(error), column=settings.date, table=table)]
    dates, faults = _parsed(scans, settings.date, parse, table)
    until, found = _parsed(manifest, index_date, parse, None)
    timed = [
        replace(scan, days=(until[scan.case + FIRST_ROW] - dates[scan.row]) / _DAY)
        if scan.row in dates and scan.case + FIRST_ROW in until
        else scan
        for scan in named
    ]
    return timed, faults + found


def time_faults(
    named: Sequence[NamedScan], modality: VolumeModality, *, column: str | None, table: str
) -> list[Fault]:
    """Return a fault for each scan after its index date, and for each that cannot be ordered.

    Args:
        named: The scans, with their days.
        modality: Says what is done with scans after the index date, and with several of a case.
        column: Where the dates or days stand.
        table: Name of the table.
    """
    orders = modality.several in ("latest", "earliest")
    n_scans = Counter(scan.case for scan in named)
    faults = []
    for scan in named:
        if scan.days is None:
            if not orders or n_scans[scan.case] == 1:
                continue
            message = (
                f"its days to the index date are not known, but `several: {modality.several}` "
                "chooses by them; fill in both dates, or the days"
            )
        elif scan.days >= 0 or modality.after_index == "use":
            continue
        else:
            message = (
                f"after the index date by {-scan.days:g} d, so on that day nobody can know of it; "
                "correct it, delete the row, or say what to do in `after_index`"
            )
        faults.append(Fault(message, scan.row, column, table=table))
    return faults


def _parsed(
    frame: pd.DataFrame, column: str, parse: Callable[[str], _T], table: str | None
) -> tuple[dict[int, _T], list[Fault]]:
    """Parse a column's cells that are not empty, by row; those that do not fit are faults."""
    values: dict[int, _T] = {}
    faults = []
    for row, text in enumerate(texts(frame, column), start=FIRST_ROW):
        if text is None:
            continue
        try:
            values[row] = parse(text)
        except ValueError as error:
            faults.append(Fault(str(error), row, column, text, table))
    return values, faults


def _days(text: str) -> float:
    number = plain_number(text)
    if number is None:
        raise ValueError("not a number of days; correct it or leave the cell empty")
    return number
