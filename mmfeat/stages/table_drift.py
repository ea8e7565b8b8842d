"""Compare a table that came later with what was trained on."""

from dataclasses import dataclass
from pathlib import Path

from mmfeat.config.loading import Project
from mmfeat.report.table_page import CERTAIN
from mmfeat.stages.cohort import open_cohort, open_folds, table_records
from mmfeat.stages.joined_records import joined_names, joined_records
from mmfeat.stages.later_table import read_later_file
from mmfeat.tabular import RecordTable
from mmfeat.tabular.drift import ColumnDrift, number_range, share_missing, table_drift


@dataclass(frozen=True)
class LaterColumn:
    """Say how a column of the record is in the later table."""

    drift: ColumnDrift
    absent: bool
    """The later table lacks it, so that nothing is compared."""

    @property
    def differs(self) -> bool:
        """Say whether it is absent, or hardly by chance as it is."""
        return self.absent or (self.drift.p is not None and self.drift.p < CERTAIN)

    @property
    def has_news(self) -> bool:
        """Say whether it holds categories, or numbers beyond those, that training has not seen."""
        return self.drift.n_new > 0 or self.drift.outside > 0


@dataclass(frozen=True)
class TableDrift:
    """Tell what a later table has, column by column in the order of the settings."""

    file: Path
    n_rows: int
    n_reference: int
    """Cases of the training and validation part of the first fold."""
    columns: tuple[LaterColumn, ...]
    notes: tuple[str, ...]


def compare_with_training(project: Project, file: Path) -> TableDrift:
    """Read a later table and compare its records with the first fold's outside its test part.

    Raises:
        CohortError: The manifest or the later table has faults; the error's ``faults`` lists them.
    """
    cohort = open_cohort(project)
    reference_rows = open_folds(project, cohort, save=False)[0].outside_test
    later = read_later_file(project, file, known=tuple(map(str, cohort.frame.columns)))
    tables = table_records(project, cohort)
    reference = joined_records(tables).taken(reference_rows)
    found = joined_records(later.records)
    names = joined_names({modality: table.columns for modality, table in tables.items()})
    absent = {names[modality][name] for modality, lack in later.absent.items() for name in lack}
    there = [name for name in reference.columns if name not in absent]
    # A column that is not there is no sign of drift in the others, so it is not among the tests.
    compared = table_drift(_only(reference, there), _only(found, there)) if there else ()
    drifts = {drift.column: drift for drift in compared}
    for name in absent:
        column = reference.columns[name]
        drifts[name] = ColumnDrift(
            column=name,
            missing=(share_missing(column), 1.0),
            distance=None,
            p=None,
            new=(),
            n_new=0,
            outside=0,
            ranges=(number_range(column), None),
        )
    return TableDrift(
        file,
        len(found),
        len(reference_rows),
        tuple(LaterColumn(drifts[name], name in absent) for name in reference.columns),
        later.notes,
    )


def _only(records: RecordTable, names: list[str]) -> RecordTable:
    return RecordTable({name: records.columns[name] for name in names})
