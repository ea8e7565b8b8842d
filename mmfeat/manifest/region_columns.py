"""Read the columns that say where in each scan the region of interest is."""

from collections.abc import Sequence

import pandas as pd

from mmfeat.config.regions import MaskColumn, PointColumns, RegionColumns
from mmfeat.errors import Fault
from mmfeat.manifest.identities import texts
from mmfeat.manifest.numbers import plain_number
from mmfeat.manifest.reading import FIRST_ROW
from mmfeat.manifest.regions import MaskOfInterest, PointOfInterest, Region
from mmfeat.manifest.scan_paths import is_there, missing_path, shown_path
from mmfeat.remote import look_at_all
from mmfeat.remote_path import AnyPath, RemotePath, located


def columns_of(settings: RegionColumns | None) -> Sequence[str]:
    """Return the columns that a setting names."""
    match settings:
        case PointColumns():
            return settings.columns
        case MaskColumn():
            return [settings.column]
        case None:
            return []


def read_regions(
    frame: pd.DataFrame,
    settings: RegionColumns | None,
    *,
    folder: AnyPath,
    table: str | None = None,
) -> tuple[dict[int, Region], list[Fault]]:
    """Return the region of each row that has one, and a fault for each cell that cannot be right.

    Args:
        frame: The table as text.
        settings: What its columns mean; None: nothing is said of regions.
        folder: Folder of the table, that masks are relative to.
        table: Name of the table when it is not the manifest.
    """
    if not set(columns_of(settings)) <= set(frame.columns):
        return {}, []  # whoever looks at the columns says which are missing
    match settings:
        case PointColumns():
            return _points(frame, settings, table)
        case MaskColumn():
            return _masks(frame, settings, folder, table)
        case None:
            return {}, []


def _points(
    frame: pd.DataFrame, settings: PointColumns, table: str | None
) -> tuple[dict[int, Region], list[Fault]]:
    regions: dict[int, Region] = {}
    faults = []
    cells = zip(*(texts(frame, column) for column in settings.columns), strict=True)
    for row, found in enumerate(cells, start=FIRST_ROW):
        given = dict(zip(settings.columns, found, strict=True))
        if not any(found):
            continue
        numbers = {column: plain_number(text) for column, text in given.items() if text is not None}
        wrong = [column for column in given if numbers.get(column) is None]
        faults += [_fault(given, column, row, table) for column in wrong]
        if not wrong:
            x, y, z = (number for number in numbers.values() if number is not None)
            regions[row] = PointOfInterest.of((x, y, z), settings.space)
    return regions, faults


def _fault(given: dict[str, str | None], column: str, row: int, table: str | None) -> Fault:
    text = given[column]
    if text is not None:
        message = "not a number; write coordinates with a decimal point"
        return Fault(message, row, column, text, table)
    other = next(name for name, cell in given.items() if cell is not None)
    message = f"empty, but `{other}` is not; give all three coordinates, or none"
    return Fault(message, row, column, table=table)


def _masks(
    frame: pd.DataFrame, settings: MaskColumn, folder: AnyPath, table: str | None
) -> tuple[dict[int, Region], list[Fault]]:
    masks: dict[int, AnyPath] = {}
    faults = []
    cells = dict(enumerate(texts(frame, settings.column), start=FIRST_ROW))
    for row, text in cells.items():
        if text is None:
            continue
        try:
            masks[row] = located(folder, text)
        except ValueError as error:
            faults.append(Fault(str(error), row, settings.column, shown_path(text), table))
    look_at_all(mask for mask in masks.values() if isinstance(mask, RemotePath))
    for row, mask in masks.items():
        if not is_there(mask):
            text = cells[row] or ""
            message = missing_path(text, mask, table=table or "the manifest", what="mask")
            faults.append(Fault(message, row, settings.column, shown_path(text), table))
    return {row: MaskOfInterest(mask) for row, mask in masks.items()}, faults
