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
    tables = {
        name: modality
        for name, modality in project.settings.modalities.items()
        if isinstance(modality, TableModality)
    }
    if not tables:
        raise CohortError(f"{project.file}: has no modality of kind `table`, so there is no record")
    names = {name for modality in tables.values() for name in modality.columns}
    if names.isdisjoint(map(str, frame.columns)):
        raise CohortError(f"{named}: has none of the {len(names)} columns of the record")
    records, absent = {}, {}
    notes: list[str] = []
    faults: list[Fault] = []
    for name, modality in tables.items():
        later = read_later_records(frame, modality.columns, known={*known, *names})
        records[name], absent[name] = later.records, later.absent
        notes += later.notes
        faults += later.faults
    refuse(named, faults)
    return LaterTable(records, absent, tuple(dict.fromkeys(notes)), frame)
