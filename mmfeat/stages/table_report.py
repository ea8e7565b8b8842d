"""Write a page about the records of a cohort, from a look at its training part."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import mmfeat
from mmfeat.config.loading import Project
from mmfeat.errors import ConfigError, one_line
from mmfeat.manifest.cohort import Cohort, TargetValues
from mmfeat.provenance import written_atomically
from mmfeat.report.table_page import CERTAIN, TablePage, table_page
from mmfeat.stages.cohort import open_cohort, open_folds, table_records
from mmfeat.stages.joined_records import joined_records
from mmfeat.stages.leak_watch import leak_notes
from mmfeat.tabular import RecordColumn, RecordTable
from mmfeat.tabular.drift import ColumnDrift, record_drift


@dataclass(frozen=True)
class TableReportResult:
    """Tell what was written and what stands out."""

    file: Path
    n_cases: int
    n_columns: int
    warnings: tuple[str, ...]
    drift: tuple[ColumnDrift, ...]

    @property
    def n_drifting(self) -> int:
        """Columns whose difference between training and test is hardly chance."""
        return sum(column.p is not None and column.p < CERTAIN for column in self.drift)


def write_table_report(
    project: Project, file: Path, *, overwrite: bool = False
) -> TableReportResult:
    """Write the page of all records of a project; targets are shown for the training part only.

    Raises:
        ConfigError: The file is there, cannot be written, there is no record, or skrub is missing.
        CohortError: The manifest has faults.
    """
    if file.exists() and not overwrite:
        raise ConfigError(f"{file}: is there already; pass --overwrite to replace it")
    cohort = open_cohort(project)
    folds = open_folds(project, cohort, save=False)
    tables = table_records(project, cohort)
    if not tables:
        raise ConfigError(
            f"{project.file}: has no modality of kind `table`, so there is no record to report on"
        )
    records = joined_records(tables)
    seen = folds[0].outside_test
    drift = record_drift(records, seen, folds[0].test)
    warnings = leak_notes(cohort, folds, tables)
    page = TablePage(
        title=f"Records of {project.settings.cohort.manifest.name}",
        subtitle=f"{len(cohort)} cases of {len(set(cohort.patient_ids))} patients, "
        f"{len(records.columns)} columns",
        warnings=warnings,
        drift=sorted(drift, key=lambda column: 1.0 if column.p is None else column.p),
        drift_of=f"{len(seen)} cases of training and validation, {len(folds[0].test)} of the test "
        "part of the first fold",
        columns_of=f"The {len(seen)} cases of training and validation of the first fold, so that "
        "nothing of the test part is seen",
        footer=f"mmfeat {mmfeat.__version__}; not a medical device",
    )
    text = table_page(page, _frame(cohort, records, seen))
    try:
        with written_atomically(file) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {one_line(error)}") from error
    return TableReportResult(file, len(cohort), len(records.columns), warnings, drift)


def _frame(cohort: Cohort, records: RecordTable, rows: NDArray[np.intp]) -> pd.DataFrame:
    """Return targets and columns of some cases, as people know them."""
    shown: dict[str, NDArray[Any]] = {}
    for name, target in cohort.targets.items():
        shown |= _target_columns(name, target, rows)
    for name, column in records.columns.items():
        label = name if name not in shown else f"{name} (record)"
        shown[label] = _cells(column.taken(rows))
    return pd.DataFrame(shown)


def _target_columns(
    name: str, target: TargetValues, rows: NDArray[np.intp]
) -> dict[str, NDArray[Any]]:
    values = target.values[rows]
    match target.kind:
        case "binary":
            names = np.array([f"not {target.names[0]}", target.names[0], None], dtype=object)
        case "multiclass":
            names = np.array([*target.names, None], dtype=object)
        case "time_to_event":
            return {f"target {name}: time": values[:, 0], f"target {name}: event": values[:, 1]}
        case _:
            return {
                f"target {name}: {output}" if len(target.names) > 1 else f"target {name}": column
                for output, column in zip(target.names, values.T, strict=True)
            }
    places = np.where(np.isnan(values[:, 0]), -1, values[:, 0]).astype(int)
    return {f"target {name}": names[places]}


def _cells(column: RecordColumn) -> NDArray[Any]:
    match column.kind:
        case "ordinal":
            names = np.array([*column.levels, None], dtype=object)
            return np.asarray(names[np.where(column.known, column.values, -1).astype(int)])
        case "boolean":
            names = np.array(["no", "yes", None], dtype=object)
            return np.asarray(names[np.where(column.known, column.values, -1).astype(int)])
        case "codes":
            joined = [
                "; ".join(codes) or "none" if codes is not None else None for codes in column.values
            ]
            return np.array(joined, dtype=object)
        case _:
            return column.values
