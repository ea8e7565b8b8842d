"""What the cases are like: each column of the records, of all and by the first yes-or-no target."""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.stages.training.open_run import OpenRun
from mmfeat.tabular import RecordTable
from mmfeat.tabular.records import RecordColumn

_MOST_VALUES = 8
"""Values of a column of categories that are counted by name; the others are counted together."""


def characteristics(opened: OpenRun) -> dict[str, Any]:
    """Return ``groups``, with their sizes, and ``columns`` with a summary of each for each group.

    Numbers have median, quartiles, mean and standard deviation; categories have counts; codes and
    free text only say of how many cases they are known.
    """
    groups = _groups(opened)
    return {
        "groups": {name: int(rows.sum()) for name, rows in groups.items()},
        "columns": [
            {
                "modality": modality,
                "column": name,
                "kind": column.kind,
                "groups": {group: _summary(column, rows) for group, rows in groups.items()},
            }
            for modality, records in opened.table.records.items()
            for name, column in _columns(records)
        ],
    }


def _groups(opened: OpenRun) -> dict[str, NDArray[np.bool_]]:
    groups = {"all": np.ones(len(opened.cohort), dtype=bool)}
    binary = [name for name, one in opened.cohort.targets.items() if one.kind == "binary"]
    if binary:
        labels = opened.cohort.targets[binary[0]].values[:, 0]
        groups[f"{binary[0]}: yes"] = labels == 1
        groups[f"{binary[0]}: no"] = labels == 0
    return groups


def _columns(records: RecordTable) -> list[tuple[str, RecordColumn]]:
    return list(records.columns.items())


def _summary(column: RecordColumn, rows: NDArray[np.bool_]) -> dict[str, Any]:
    known = column.known & rows
    counted: dict[str, Any] = {"n": int(known.sum()), "n_missing": int((rows & ~known).sum())}
    if column.kind in ("codes", "text"):
        return counted
    values = column.values[known]
    if column.kind in ("categorical", "boolean", "ordinal"):
        return counted | {"counts": _counts(column, values)}
    if not len(values):
        return counted
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return counted | {
        "median": float(middle),
        "quartiles": [float(low), float(high)],
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)) if len(values) > 1 else None,
    }


def _counts(column: RecordColumn, values: NDArray[Any]) -> dict[str, int]:
    if column.kind == "boolean":
        return {"yes": int((values == 1).sum()), "no": int((values == 0).sum())}
    if column.kind == "ordinal":
        return {level: int((values == at).sum()) for at, level in enumerate(column.levels)}
    found = Counter(map(str, values)).most_common()
    counts = dict(found[:_MOST_VALUES])
    others = sum(n for _, n in found[_MOST_VALUES:])
    return counts | ({f"{len(found) - _MOST_VALUES} others": others} if others else {})
