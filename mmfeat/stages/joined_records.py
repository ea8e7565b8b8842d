"""See the records of all table modalities of a project as one table."""

from collections import Counter
from collections.abc import Mapping

from mmfeat.tabular import RecordTable


def joined_names(columns: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, str]]:
    """Return for each modality and column the name that it has among all of them.

    A name that several modalities have stands with its modality.
    """
    n_owners = Counter(name for names in columns.values() for name in names)
    return {
        modality: {name: name if n_owners[name] == 1 else f"{modality}: {name}" for name in names}
        for modality, names in columns.items()
    }


def joined_records(tables: Mapping[str, RecordTable]) -> RecordTable:
    """Return all columns of several tables of the same cases, by their `joined_names`."""
    names = joined_names({modality: table.columns for modality, table in tables.items()})
    return RecordTable(
        {
            names[modality][name]: column
            for modality, table in tables.items()
            for name, column in table.columns.items()
        }
    )
