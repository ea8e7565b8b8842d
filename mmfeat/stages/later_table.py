"""Open a table that came after training, as the settings of a project say to read its columns."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.config.loading import Project
from mmfeat.config.modalities import TableModality
from mmfeat.errors import CohortError, Fault
from mmfeat.manifest.fault_list import refuse
from mmfeat.manifest.reading import read_manifest
from mmfeat.tabular import RecordTable
from mmfeat.tabular.later_records import read_later_records


@dataclass(frozen=True)
class LaterTable:
    """Hold the records of each table modality, and in what the table differs from the settings."""

    records: dict[str, RecordTable]
    absent: dict[str, tuple[str, ...]]
    """Of each modality, the columns that are unknown in every row as the table lacks them."""
    notes: tuple[str, ...]
    frame: pd.DataFrame
    """All columns as text, for ids and paths."""


def read_later_file(project: Project, file: Path, *, known: Collection[str] = ()) -> LaterTable:
    """Read a file of rows that came later.

    Args:
        project: Its table modalities say how cells are written.
        file: CSV, TSV, Parquet or Excel, in any order of rows and columns.
        known: Names of columns that need no note though they are no inputs: ids, targets.

    Raises:
        CohortError: The file cannot be read, has none of the columns of the record, or has cells
            that do not fit; the error's ``faults`` lists them all.
    """
    if not file.exists():
        raise CohortError(f"{file}: no such file; give a table in CSV, TSV, Parquet or Excel")
    frame = read_manifest(file, project.settings.cohort.missing, named_by="TABLE", rows_are="case")
    return later_table(project, frame, named=file, known=known)


def later_table(
    project: Project, frame: pd.DataFrame, *, named: Path, known: Collection[str] = ()
) -> LaterTable:
    """Read the records of each table modality from a frame of text; see `read_later_file`.

    Args:
        project: Its table modalities say how cells are written.
        frame: From `read_manifest`, or from `text_frame` where the table is in memory.
        named: What faults name as the table.
        known: Names of columns that need no note though they are no inputs.
    """
    names = _record_columns(project)
    if not names:
        raise CohortError(f"{project.file}: has no modality of kind `table`, so there is no record")
    if names.isdisjoint(map(str, frame.columns)):
        raise CohortError(f"{named}: has none of the {len(names)} columns of the record")
    table, faults = records_of_frame(project, frame, known=known)
    refuse(named, faults)
    return table


def records_of_frame(
    project: Project, frame: pd.DataFrame, *, known: Collection[str] = ()
) -> tuple[LaterTable, list[Fault]]:
    """Read the records of each table modality, and return all faults instead of raising.

    A frame without any column of the record has no record in any row, and a project without a
    table modality has none either.

    Args:
        project: Its table modalities say how cells are written.
        frame: From `read_manifest` or `text_frame`.
        known: Names of columns that need no note though they are no inputs.
    """
    names = _record_columns(project)
    records, absent = {}, {}
    notes: list[str] = []
    faults: list[Fault] = []
    for name, modality in project.settings.modalities.items():
        if isinstance(modality, TableModality):
            later = read_later_records(frame, modality.columns, known={*known, *names})
            records[name], absent[name] = later.records, later.absent
            notes += later.notes
            faults += later.faults
    return LaterTable(records, absent, tuple(dict.fromkeys(notes)), frame), faults


def _record_columns(project: Project) -> set[str]:
    return {
        name
        for modality in project.settings.modalities.values()
        if isinstance(modality, TableModality)
        for name in modality.columns
    }
