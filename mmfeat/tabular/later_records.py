"""Read the records of a table that came later: columns may lack, be more, or be in any order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mmfeat.config.record_columns import Column, DateDifferenceColumn
from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import Fault
from mmfeat.tabular.reading import read_records
from mmfeat.tabular.records import RecordTable
from mmfeat.wording import first_of_all, ticked

_SHOWN = 10


@dataclass(frozen=True)
class LaterRecords:
    """Hold the records, and in what the table differs from what the settings name."""

    records: RecordTable
    """All columns of the settings in their order; unknown in every row where the table lacks one.
    """
    absent: tuple[str, ...]
    """Columns of the record that cannot be known, as the table lacks one that they are read from.
    """
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_later_records(
    frame: pd.DataFrame, columns: Mapping[str, Column], *, known: Collection[str] = ()
) -> LaterRecords:
    """Read the columns of the settings from a table that may have others.

    Args:
        frame: The table as stripped text, NaN where a cell is missing; `text_frame` makes one.
        columns: Name and type of each column, as they were trained with.
        known: Names of columns that are not looked at here, and that need no note: ids, targets.

    Returns:
        The records, one for each row. A cell that does not fit is a fault and unknown, just as in
        the table that was trained on.

    Example:
        >>> from mmfeat.config.record_columns import BooleanColumn, NumericColumn
        >>> columns = {"age": NumericColumn(type="numeric")}
        >>> columns["smoker"] = BooleanColumn(type="boolean")
        >>> later = read_later_records(pd.DataFrame({"ward": ["A"], "age": ["61"]}), columns)
        >>> later.records.columns["age"].values, later.records.columns["smoker"].values
        (array([61.]), array([nan]))
        >>> later.absent
        ('smoker',)
    """
    needed = {name: _read_from(name, column) for name, column in columns.items()}
    wanted = list(dict.fromkeys(source for sources in needed.values() for source in sources))
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in wanted if names.count(name) > 1})
    if twice:
        faults = [Fault("stands more than once; rename", column=name) for name in twice]
        frame, names = frame.drop(columns=twice), [name for name in names if name not in twice]
    else:
        faults = []
    lacking = [name for name in wanted if name not in names]
    more = [name for name in dict.fromkeys(names) if name not in {*wanted, *known}]
    # `None` where one lacks, as pyarrow takes a column of NaN alone for one of numbers.
    nothing = pd.Series(None, frame.index, object)
    whole = pd.DataFrame(
        {name: frame.iloc[:, names.index(name)] if name in names else nothing for name in wanted}
    )
    records, found = read_records(whole, columns)
    absent = (name for name in columns if not needed[name].isdisjoint(lacking))
    notes = _notes([name for name in lacking if name not in twice], more)
    return LaterRecords(records, tuple(absent), notes, (*faults, *found))


def _read_from(name: str, column: Column) -> frozenset[str]:
    return frozenset([name, column.until] if isinstance(column, DateDifferenceColumn) else [name])


def _notes(lacking: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    notes = []
    if lacking:
        shown = [f"`{name}`{did_you_mean(name, more).replace(';', ',')}" for name in lacking]
        notes.append(f"not in the table, so unknown in every row: {first_of_all(shown, _SHOWN)}")
    if more:
        notes.append(f"not in the settings, so not looked at: {first_of_all(ticked(more), _SHOWN)}")
    return tuple(notes)
