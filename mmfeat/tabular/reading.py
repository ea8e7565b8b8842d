"""Read the clinical record from columns of the manifest, and list every cell that does not fit."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.config.dates import date_parser
from mmfeat.config.labels import label_text
from mmfeat.config.record_columns import (
    BooleanColumn,
    CategoricalColumn,
    CodesColumn,
    Column,
    DateDifferenceColumn,
    NumericColumn,
    OrdinalColumn,
    TextColumn,
)
from mmfeat.errors import Fault
from mmfeat.tabular import cells
from mmfeat.tabular.column_reader import ColumnReader
from mmfeat.tabular.number_column import read_numbers
from mmfeat.tabular.records import RecordColumn, RecordTable

_DAY = timedelta(days=1)
_EPOCH = datetime(2000, 1, 1)


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
        >>> from mmfeat.config.record_columns import NumericColumn
        >>> frame = pd.DataFrame({"age": ["61", "1,5"]})
        >>> table, faults = read_records(frame, {"age": NumericColumn(type="numeric")})
        >>> table.columns["age"].values
        array([61., nan])
        >>> faults[0].row, faults[0].value
        (3, '1,5')
    """
    reader = ColumnReader(frame)
    table = RecordTable(
        {name: _read_column(reader, name, column) for name, column in columns.items()}
    )
    return table, list(dict.fromkeys(reader.faults))


def _read_column(reader: "ColumnReader", name: str, column: Column) -> RecordColumn:
    match column:
        case NumericColumn():
            return read_numbers(reader, name, column)
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
        case CodesColumn():
            return RecordColumn("codes", reader.values(name, lambda: cells.codes_parser(column)))
        case TextColumn():
            return RecordColumn("text", reader.values(name, lambda: cells.text_parser(column)))
        case DateDifferenceColumn():
            return RecordColumn("date_difference", _read_difference(reader, name, column))


def _read_difference(
    reader: "ColumnReader", name: str, column: DateDifferenceColumn
) -> NDArray[np.float64]:
    def day_parser() -> Callable[[str], float]:
        parse = date_parser(column.format)
        return lambda text: (parse(text) - _EPOCH) / _DAY

    return reader.numbers(column.until, day_parser) - reader.numbers(name, day_parser)
