"""Read the clinical record from columns of the manifest, and list every cell that does not fit."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.dates import date_parser
from mmfeat.config.labels import label_text
from mmfeat.config.modalities import (
    BooleanColumn,
    CategoricalColumn,
    Column,
    DateDifferenceColumn,
    NumericColumn,
    OrdinalColumn,
)
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import Fault
from mmfeat.tabular import cells
from mmfeat.tabular.records import RecordColumn, RecordTable

_FIRST_ROW = 2
"""Line of the first case in the file: the header is line 1."""
_DAY = timedelta(days=1)


def read_records(
    frame: pd.DataFrame, columns: Mapping[str, Column]
) -> tuple[RecordTable, list[Fault]]:
    """Read the declared columns of a manifest; nothing is fitted, imputed or scaled.

    Args:
        frame: The manifest as stripped text, NaN where a cell is missing; other columns are
            ignored.
        columns: Name and type of each column.

    Returns:
        The table, one row for each row of the frame, and a fault for every cell that does not fit,
        for every column that is not there, and for settings that cannot be followed; such cells are
        unknown in the table.

    Example:
        >>> from mmfeat.config.modalities import NumericColumn
        >>> frame = pd.DataFrame({"age": ["61", "1,5"]})
        >>> table, faults = read_records(frame, {"age": NumericColumn(type="numeric")})
        >>> table.columns["age"].values
        array([61., nan])
        >>> faults[0].row, faults[0].value
        (3, '1,5')
    """
    reader = _Reader(frame)
    table = RecordTable(
        {name: _read_column(reader, name, column) for name, column in columns.items()}
    )
    return table, list(dict.fromkeys(reader.faults))


def _read_column(reader: "_Reader", name: str, column: Column) -> RecordColumn:
    match column:
        case NumericColumn():
            return RecordColumn(
                "numeric", reader.numbers(name, lambda: cells.number_parser(column))
            )
        case BooleanColumn():
            return RecordColumn(
                "boolean", reader.numbers(name, lambda: cells.boolean_parser(column))
            )
        case OrdinalColumn():
            levels = tuple(label_text(label) for label in column.levels)
            return RecordColumn(
                "ordinal", reader.numbers(name, lambda: cells.level_parser(column)), levels
            )
        case CategoricalColumn():
            return RecordColumn(
                "categorical", reader.values(name, lambda: cells.category_parser(column))
            )
        case DateDifferenceColumn():
            return RecordColumn("date_difference", _read_difference(reader, name, column))


def _read_difference(
    reader: "_Reader", name: str, column: DateDifferenceColumn
) -> NDArray[np.float64]:
    dates = reader.values(name, lambda: date_parser(column.format))
    index_dates = reader.values(column.until, lambda: date_parser(column.format))
    pairs = zip(dates, index_dates, strict=True)
    return np.array(
        [
            np.nan if date is None or until is None else (until - date) / _DAY
            for date, until in pairs
        ],
        dtype=np.float64,
    )


class _Reader:
    """Parse whole columns, each distinct text once, and collect the faults."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.faults: list[Fault] = []

    def values(
        self, name: str, make_parser: Callable[[], Callable[[str], Any]]
    ) -> NDArray[np.object_]:
        """Parse a column: ``(cases,)``, None where the cell is missing or does not fit."""
        values = np.full(len(self.frame), None, dtype=object)
        if name not in self.frame.columns:
            suggestion = did_you_mean(name, map(str, self.frame.columns))
            self.faults.append(Fault(f"not in the manifest{suggestion}", column=name))
            return values
        try:
            parse = make_parser()
        except ValueError as error:
            self.faults.append(Fault(str(error), column=name))
            return values
        known = self.frame[name].notna().to_numpy()
        texts = self.frame[name].to_numpy(dtype=object)
        parsed: dict[str, Any] = {}
        advice: dict[str, str] = {}
        for text in dict.fromkeys(texts[known]):
            try:
                parsed[text] = parse(text)
            except ValueError as error:
                advice[text] = str(error)
        for position in np.flatnonzero(known):
            text = texts[position]
            if text in parsed:
                values[position] = parsed[text]
            else:
                row = int(position) + _FIRST_ROW
                self.faults.append(Fault(advice[text], row=row, column=name, value=text))
        return values

    def numbers(
        self, name: str, make_parser: Callable[[], Callable[[str], float]]
    ) -> NDArray[np.float64]:
        """Parse a column of numbers: ``(cases,)``, NaN where missing or not fitting."""
        return self.values(name, make_parser).astype(np.float64)  # None becomes NaN
