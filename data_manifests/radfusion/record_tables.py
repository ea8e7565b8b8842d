"""Read RadFusion's tables of the record, whatever columns of codes, drugs and tests they have.

There are some 1,500 columns, all numbers, and no list of them is published; so all are taken. Some
patients have several rows, and there is one scan for each: where their rows differ, nobody can say
which is of the scan, and the record counts as unknown.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.errors import CohortError, one_line
from mmfeat.public_cohorts.downloads import find_one, find_optional
from mmfeat.public_cohorts.reading import read_source
from mmfeat.public_cohorts.source_table import SourceTable

KEY = "idx"
TABLES = ("Demographics", "ICD", "INP_MED", "OUT_MED", "LABS")
_MAY_LACK = "Vitals"
_NO_COLUMNS = re.compile(r"(Unnamed: \d+|)")
"""What pandas calls the number of a row."""
_AGE, _MALE = "current_age_yrs", "Male"
_SEX = {"1": "male", "0": "female"}


@dataclass(frozen=True)
class RecordTables:
    """Hold the columns of all tables, by patient."""

    frame: pd.DataFrame
    """By `idx`: ``age`` and ``sex``, and the others as ``<table> <column>``; numbers."""
    unclear: tuple[str, ...]
    """Patients whose rows differ in a table; they are not in the frame."""
    constant: tuple[str, ...]
    """Columns with one value only, which are not in the frame."""
    sources: tuple[Path, ...]


def read_records(download: Path) -> RecordTables:
    """Read the tables of a download.

    Raises:
        CohortError: One is not there, or a cell of it holds no number.
    """
    files = {name: find_one(download, _places(name), what=f"table {name}") for name in TABLES}
    vitals = find_optional(download, _places(_MAY_LACK), what=f"table {_MAY_LACK}")
    if vitals is not None:
        files[_MAY_LACK] = vitals
    frames, unclear = [], set()
    for name, file in files.items():
        table, columns = _table(file)
        numbers = pd.DataFrame({column: table.number(column) for column in columns})
        if name == TABLES[0]:
            numbers = _demographics(table, numbers)
        prefixed = numbers.rename(columns={one: f"{name} {one}" for one in columns})
        once, differing = one_row_each(prefixed.set_axis(table[KEY], axis=0))
        frames.append(once)
        unclear |= set(differing)
    joined = pd.concat(frames, axis=1, join="outer").drop(index=list(unclear), errors="ignore")
    varies = joined.apply(lambda column: column.nunique(dropna=False) > 1)
    return RecordTables(
        frame=joined.loc[:, varies],
        unclear=tuple(sorted(unclear, key=_by_number)),
        constant=tuple(joined.columns[~varies]),
        sources=tuple(files.values()),
    )


def one_row_each(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return one row for each patient, and the patients whose rows differ, who have none."""
    frame = frame.rename_axis(KEY)
    once = frame.reset_index().drop_duplicates()
    again = once[KEY].duplicated(keep=False)
    return once[~again].set_index(KEY), tuple(dict.fromkeys(once.loc[again, KEY]))


def plain_key(table: SourceTable) -> SourceTable:
    """Return a table whose patients are named by plain texts: `12` for 12.0, too.

    Raises:
        CohortError: A row has no patient.
    """
    known = table.known(KEY)
    frame = known.frame.assign(**{KEY: known[KEY].map(label_text)})
    return SourceTable(known.file, frame, known.absent, known.place)


def _demographics(table: SourceTable, numbers: pd.DataFrame) -> pd.DataFrame:
    """Return the columns with age and sex under plain names."""
    lacking = [name for name in (_AGE, _MALE) if name not in numbers]
    if lacking:
        raise CohortError(f"{table.file}: lacks column `{lacking[0]}`; is this the right file?")
    sexes = table.coded(_MALE, _SEX)
    return numbers.drop(columns=[_AGE, _MALE]).assign(age=numbers[_AGE], sex=sexes)


def _table(file: Path) -> tuple[SourceTable, list[str]]:
    """Return a table, and its columns but for ids and the split, which `Labels.csv` has."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            header = [name.strip() for name in next(csv.reader(stream), [])]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CohortError(f"{file}: cannot be read: {one_line(error)}") from error
    columns = [
        name for name in header if name not in (KEY, "split") and not _NO_COLUMNS.fullmatch(name)
    ]
    table = read_source(file, required=(KEY,), optional=tuple(dict.fromkeys(columns)))
    if not columns:
        raise CohortError(f"{file}: has no columns beside `{KEY}`; is this the right file?")
    return plain_key(table), columns


def _places(name: str) -> tuple[str, ...]:
    return (f"{name}.csv", f"*/{name}.csv")


def _by_number(text: str) -> tuple[int, str]:
    return (int(text) if text.isdigit() else 0, text)
