"""Read the tables of a download: CSV, TSV, Parquet, Excel and JSON; only the columns needed."""

import csv
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.config.spelling import did_you_mean
from mmfeat.errors import CohortError, one_line
from mmfeat.manifest.cell_text import cell_text
from mmfeat.manifest.reading import FIRST_ROW, read_manifest
from mmfeat.public_cohorts.source_table import SourceTable

_TEXT_ENDINGS = (".csv", ".tsv", ".txt")


def read_source(
    file: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    missing: Collection[str] = (),
    any_case: bool = False,
    delimiter: str = ",",
    sheet: str | None = None,
) -> SourceTable:
    """Read the columns of a table that a cohort needs, as stripped text.

    A large table costs the memory of these columns only.

    Args:
        file: CSV (or another text with delimiters), Parquet or Excel file with a header.
        required: Columns that must be there.
        optional: Columns that may be absent; they are then empty, and named in ``absent``.
        missing: Texts that mean that nothing is known, beside an empty cell.
        any_case: Whether the names of columns are compared without regard to case; the result has
            them as they were asked for.
        delimiter: What separates the cells of a text file.
        sheet: The sheet that is read of an Excel file that has one of this name; else the first is.

    Raises:
        CohortError: The file is not such a table, or lacks a column.
    """
    if file.suffix.lower() not in _TEXT_ENDINGS:
        frame = read_manifest(file, missing, named_by="the download", rows_are="row", sheet=sheet)
        names = _matched(file, list(frame.columns), required, optional, any_case)
        chosen = frame[list(names.values())].set_axis(list(names), axis=1)
        numbered = chosen.set_axis(range(FIRST_ROW, FIRST_ROW + len(chosen)), axis=0)
        return _as_table(file, numbered, required, optional)
    rows = _rows(file, delimiter)
    header = next(rows, None)
    if header is None:
        raise CohortError(f"{file}: is empty; a header and rows are expected")
    header = [name.strip() for name in header]
    names = _matched(file, header, required, optional, any_case)
    places = [header.index(name) for name in names.values()]
    absent = {"", *missing}
    cells: list[list[Any]] = []
    numbers: list[int] = []
    for number, row in enumerate(rows, start=FIRST_ROW):
        if not any(row):
            continue
        if len(row) != len(header):
            raise CohortError(
                f"{file}: row {number} has {len(row)} cells but the header has {len(header)}; "
                "download the file again, it may be cut off"
            )
        texts = (row[place].strip() for place in places)
        cells.append([np.nan if text in absent else text for text in texts])
        numbers.append(number)
    frame = pd.DataFrame(cells, columns=list(names), index=numbers, dtype=object)
    return _as_table(file, frame, required, optional)


def read_json_records(
    file: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    missing: Collection[str] = (),
) -> SourceTable:
    """Read a JSON list of objects, such as ``[{"case": 1, "tumour": {"size": 3}}, ...]``.

    What is nested is named with dots (``tumour.size``), a list stays JSON text, true is ``true``,
    null is an empty cell. The index counts the records, from 1.

    Args:
        file: The JSON file.
        required: Names that at least one record must have.
        optional: Names that may be absent; they are then empty, and named in ``absent``.
        missing: Texts that mean that nothing is known.

    Raises:
        CohortError: The file is not such a list, or lacks a name.
    """
    try:
        content = json.loads(_bytes(file))
    except ValueError as error:
        raise CohortError(
            f"{file}: cannot be read as JSON: {one_line(error)}; download it again"
        ) from error
    if not isinstance(content, list) or not all(isinstance(one, dict) for one in content):
        raise CohortError(f"{file}: must be a JSON list of objects, one for each record")
    records = [dict(_flat(one)) for one in content]
    seen = list(dict.fromkeys(name for record in records for name in record))
    names = _matched(file, seen, required, optional, any_case=False)
    absent = {"", *missing}
    cells = [
        [np.nan if (text := record.get(name, "")) in absent else text for name in names]
        for record in records
    ]
    index = range(1, len(records) + 1)
    frame = pd.DataFrame(cells, columns=list(names), index=index, dtype=object)
    return _as_table(file, frame, required, optional, place="record")


def _as_table(
    file: Path,
    frame: pd.DataFrame,
    required: Sequence[str],
    optional: Sequence[str],
    *,
    place: str = "row",
) -> SourceTable:
    if frame.empty:
        raise CohortError(f"{file}: has no {place}s")
    absent = tuple(name for name in optional if name not in frame.columns)
    whole = frame.reindex(columns=[*required, *optional]).astype(object)
    return SourceTable(file=file, frame=whole, absent=absent, place=place)


def _matched(
    file: Path,
    header: Sequence[str],
    required: Sequence[str],
    optional: Sequence[str],
    any_case: bool,
) -> dict[str, str]:
    """Return the file's name of each column that is asked for and there."""
    there: dict[str, str] = {}
    for name in header:
        key = name.lower() if any_case else name
        if key in there and name:
            raise CohortError(f"{file}: column `{name}` stands twice in the header; keep one")
        there[key] = name
    keys = {name: name.lower() if any_case else name for name in (*required, *optional)}
    lacking = [name for name in required if keys[name] not in there]
    if lacking:
        hint = did_you_mean(lacking[0], [name for name in header if name not in required])
        names = ", ".join(f"`{name}`" for name in lacking)
        raise CohortError(
            f"{file}: lacks column{'s' * (len(lacking) > 1)} {names}; "
            f"{'' if hint else 'is this the right file and release?'}{hint[2:]}"
        )
    return {name: there[key] for name, key in keys.items() if key in there}


def _rows(file: Path, delimiter: str) -> Iterator[list[str]]:
    number = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.reader(stream, delimiter=delimiter, strict=True):
                number += 1
                yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise CohortError(
            f"{file}: after row {number}: {one_line(error)}; download the file again"
        ) from error
    except OSError as error:
        raise CohortError(f"{file}: cannot be read: {error.strerror}") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CohortError(f"{file}: cannot be read: {error.strerror}") from error


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{before}{key}"
        if isinstance(inner, dict):
            yield from _flat(inner, f"{name}.")
        elif isinstance(inner, list):
            yield name, json.dumps(inner)
        else:
            yield name, cell_text(inner)
