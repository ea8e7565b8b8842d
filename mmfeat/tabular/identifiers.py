"""Refuse columns of the record that name cases rather than describe them."""

from mmfeat.errors import Fault
from mmfeat.tabular.records import RecordTable

_FEWEST_CELLS = 20
_MOST_DISTINCT = 0.5


def identifier_faults(records: RecordTable) -> list[Fault]:
    """Return a fault for each categorical column most of whose categories are of one case only.

    Nothing can be learnt of such a column but the cases themselves.

    Example:
        >>> import numpy as np
        >>> from mmfeat.tabular.records import RecordColumn
        >>> names = np.array([f"case {number}" for number in range(20)], dtype=object)
        >>> [fault.column for fault in identifier_faults(
        ...     RecordTable({"name": RecordColumn("categorical", names)})
        ... )]
        ['name']
    """
    faults = []
    for name, column in records.columns.items():
        if column.kind != "categorical":
            continue
        known = column.values[column.known]
        n_distinct = len(set(known))
        if len(known) >= _FEWEST_CELLS and n_distinct > _MOST_DISTINCT * len(known):
            faults.append(
                Fault(
                    f"has {n_distinct} different values in {len(known)} rows, so it names the "
                    "cases; take it out of the record, declare its `categories` or `synonyms`, or "
                    "make it `type: text` if it is free text",
                    column=name,
                )
            )
    return faults
