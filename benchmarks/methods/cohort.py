"""One cohort of the comparison: what is known of its cases, and what is to be predicted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.task import Task
from mmfeat.tabular.records import RecordColumn, RecordTable


@dataclass(frozen=True)
class Cohort:
    """Hold the features of all cases, not fitted to anything, and one target.

    Shape:
        - ``labels``: ``(cases, 1)``, NaN where unknown.
        - ``sites``: ``(cases,)``, kept whole in one test part where given.
    """

    table: FeatureTable
    labels: NDArray[np.float64]
    task: Task
    sites: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class CohortPlan:
    """Say how a cohort is got, and what it is there to show."""

    name: str
    group: str
    shows: str
    build: Callable[[], Cohort]
    is_here: Callable[[], bool] = lambda: True
    """Whether its data are on this machine."""


def cohort_of(
    modalities: Mapping[str, NDArray[np.floating] | RecordTable],
    labels: NDArray[np.floating] | pd.Series,
    *,
    present: NDArray[np.bool_] | None = None,
    patients: Sequence[str] | None = None,
    n_classes: int = 2,
    sites: NDArray[np.int64] | None = None,
) -> Cohort:
    """Join vectors ``(cases, width)`` and records of the same cases."""
    n_cases = len(labels)
    names = tuple(map(str, range(n_cases)))
    if present is None:
        present = np.ones((n_cases, len(modalities)), dtype=np.bool_)
    vectors: dict[str, NDArray[np.float32]] = {}
    records: dict[str, RecordTable] = {}
    for position, (name, values) in enumerate(modalities.items()):
        if isinstance(values, RecordTable):
            records[name] = _emptied(values, present[:, position])
            # A record without a known cell is none.
            present[:, position] = records[name].present
        else:
            vectors[name] = np.where(present[:, [position]], values, 0.0).astype(np.float32)
    table = FeatureTable(
        case_ids=names,
        patient_ids=names if patients is None else tuple(patients),
        modalities=tuple(modalities),
        vectors=vectors,
        records=records,
        present=present,
    )
    task = Task.single("binary") if n_classes == 2 else Task.single("multiclass", n_classes)
    return Cohort(table, np.asarray(labels, dtype=np.float64)[:, None], task, sites)


def numbers_as_record(values: NDArray[np.floating]) -> RecordTable:
    """Make a record of numeric columns ``(cases, columns)``; NaN is an unknown cell."""
    return RecordTable(
        {
            f"column_{number}": RecordColumn("numeric", column.astype(np.float64))
            for number, column in enumerate(values.T)
        }
    )


def frame_as_record(frame: pd.DataFrame) -> RecordTable:
    """Make a record of a data frame: numbers stay numbers, all else are categories."""
    columns = {}
    for name in frame:
        cells = frame[name]
        if pd.api.types.is_numeric_dtype(cells):
            columns[str(name)] = RecordColumn("numeric", cells.to_numpy(dtype=np.float64))
        else:
            texts = [None if pd.isna(cell) else str(cell) for cell in cells]
            columns[str(name)] = RecordColumn("categorical", np.array(texts, dtype=object))
    return RecordTable(columns)


def _emptied(records: RecordTable, present: NDArray[np.bool_]) -> RecordTable:
    """Return the records with nothing known of the cases that have none."""
    columns = {}
    for name, column in records.columns.items():
        values = column.values.copy()
        values[~present] = None if values.dtype == object else np.nan
        columns[name] = RecordColumn(column.kind, values, column.levels)
    return RecordTable(columns)
