"""The made-up download of a cohort, what is made of it, and ways to spoil it."""

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfeat.data_manifests import COHORTS
from mmfeat.data_manifests.opening import public_cohort

from mmfeat.public_cohorts.contract import PublicCohort
from mmfeat.stages.public_cohort import MadeManifest, make_manifest, write_sample

WAYS = [(name, variant) for name in COHORTS for variant in public_cohort(name).variants]
"""Every cohort with each of its variants."""


@dataclass(frozen=True)
class Sample:
    """A made-up download, and the manifest made of it."""

    cohort: PublicCohort
    variant: str
    download: Path
    output: Path
    made: MadeManifest

    @property
    def tables(self) -> list[Path]:
        """The tables of the download that were read, relative to it."""
        files = [Path(file) for file in self.made.built.sources]
        inside = [file.relative_to(self.download) if file.is_absolute() else file for file in files]
        return [file for file in inside if file.suffix in (".csv", ".tsv", ".json", ".xlsx")]

    def copy(self, folder: Path) -> Path:
        """Return a copy of the download whose tables can be changed; the rest is shared."""
        shutil.copytree(self.download, folder, copy_function=os.link, symlinks=True)
        for table in self.tables:
            (folder / table).unlink()
            shutil.copy(self.download / table, folder / table)
        return folder


def sample_of(name: str, variant: str, folder: Path) -> Sample:
    """Write the made-up download of a cohort, and make its manifest beside it."""
    cohort = public_cohort(name)
    download, output = folder / "download", folder / "made"
    write_sample(cohort, download, variant=variant)
    made = make_manifest(cohort, download, output=output, variant=variant)
    return Sample(cohort, variant, download, output, made)


def columns_of(table: Path) -> list[str]:
    """Return the names of the columns of a table, those of nested JSON with dots."""
    if table.suffix == ".json":
        names: dict[str, None] = {}
        for record in json.loads(table.read_text()):
            names |= dict.fromkeys(_names(record))
        return list(names)
    return _rows(table)[0]


def change_column(table: Path, name: str, change: Callable[[Any], Any] | None) -> None:
    """Change every cell of a column in place; without a change, take the column out."""
    if table.suffix == ".json":
        records = json.loads(table.read_text())
        for record in records:
            _change_nested(record, name.split("."), change)
        table.write_text(json.dumps(records))
        return
    rows = _rows(table)
    place = rows[0].index(name)
    for number, row in enumerate(rows):
        if change is None:
            del row[place]
        elif number:
            row[place] = change(row[place])
    _write_rows(table, rows)


def _names(record: dict[str, Any], before: str = "") -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from _names(value, f"{before}{key}.")
        else:
            yield f"{before}{key}"


def _change_nested(record: dict[str, Any], keys: list[str], change: Any) -> None:
    for key in keys[:-1]:
        record = record.get(key, {})
    if keys[-1] not in record:
        return
    if change is None:
        del record[keys[-1]]
    else:
        record[keys[-1]] = change(record[keys[-1]])


def _rows(table: Path) -> list[list[str]]:
    if table.suffix == ".xlsx":
        import openpyxl

        sheet = openpyxl.load_workbook(table).worksheets[0]
        return [
            ["" if cell is None else cell for cell in row]
            for row in sheet.iter_rows(values_only=True)
        ]
    with table.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, delimiter=_delimiter(table)))


def _write_rows(table: Path, rows: list[list[Any]]) -> None:
    if table.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(table)
        return
    delimiter = _delimiter(table)
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows(rows)


def _delimiter(table: Path) -> str:
    header = table.read_text(encoding="utf-8-sig").partition("\n")[0]
    return max(",;\t", key=header.count)
