"""Read the user's table, in whatever format, as text."""

import re
import warnings
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mmfeat.errors import CohortError, Fault, one_line
from mmfeat.manifest.cell_text import cell_text
from mmfeat.manifest.delimited_text import read_delimited
from mmfeat.manifest.fault_list import refuse
from mmfeat.provenance import sha256_of_file
from mmfeat.remote import local_copy
from mmfeat.remote_path import AnyPath, RemotePath

FIRST_ROW = 2
"""Number of the first row under the header, as a spreadsheet shows it."""
_LINE_BREAK = re.compile(r"\s*[\r\n]+\s*")


def read_manifest(
    file: AnyPath,
    missing: Collection[str],
    *,
    named_by: str = "cohort.manifest",
    rows_are: str = "case",
    sheet: str | None = None,
) -> pd.DataFrame:
    """Read a CSV, TSV, Parquet or Excel file (its first sheet) as a frame of text.

    Args:
        file: The table, on disk or at a URL; its format follows from the ending of its name.
        missing: Texts that mean that nothing is known; such cells become NaN.
        named_by: The setting that names the file.
        rows_are: What each row is of.
        sheet: The sheet that is read of an Excel file that has one of this name.

    Returns:
        A frame with every column of the file, as object; row ``i`` of it is row ``i + 2`` of the
        spreadsheet. Columns without a name are called ``unnamed_<number>``.

    Raises:
        CohortError: The file cannot be read as a table with one header and rows of its length.
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    if isinstance(file, Path):
        return _read_table(file, missing, named_by=named_by, rows_are=rows_are, sheet=sheet)
    with local_copy(file) as copy:
        try:
            return _read_table(copy, missing, named_by=named_by, rows_are=rows_are, sheet=sheet)
        except CohortError as error:
            raise CohortError(str(error).replace(str(copy), str(file)), error.faults) from error


def sha256_of_table(file: AnyPath) -> str:
    """Return the digest of the bytes of a table, on disk or at a URL.

    Raises:
        RemoteError: There is nothing at the URL, or it cannot be reached.
    """
    if isinstance(file, RemotePath):
        with local_copy(file) as copy:
            return sha256_of_file(copy)
    return sha256_of_file(file)


def _read_table(
    file: Path, missing: Collection[str], *, named_by: str, rows_are: str, sheet: str | None
) -> pd.DataFrame:
    rows = _read_rows(file, named_by, sheet=sheet)
    while rows and not any(rows[-1]):  # spreadsheets leave empty rows at the end
        rows.pop()
    if not rows:
        raise CohortError(f"{file}: is empty; a header and one row for each {rows_are} are needed")
    header, body = [_LINE_BREAK.sub(" ", name) for name in rows[0]], rows[1:]
    _check_header(file, header)
    if not body:
        raise CohortError(
            f"{file}: has a header but no rows; one row for each {rows_are} is needed"
        )
    refuse(file, _ragged(header, body))
    names = [name or f"unnamed_{number}" for number, name in enumerate(header, start=1)]
    absent = {"", *missing}
    cells = [
        [np.nan if cell in absent else cell for cell in (row or [""] * len(header))[: len(header)]]
        for row in body
    ]
    return pd.DataFrame(cells, columns=pd.Index(names, dtype=object), dtype=object)


def _read_rows(file: Path, named_by: str, *, sheet: str | None) -> list[list[str]]:
    """Return the header and the rows as stripped text; an empty row may be shorter."""
    readers: dict[str, Callable[[Path], Sequence[Sequence[Any]]]] = {
        ".csv": read_delimited,
        ".tsv": read_delimited,
        ".tab": read_delimited,
        ".txt": read_delimited,
        ".parquet": _read_parquet,
        ".xlsx": partial(_read_excel, sheet=sheet),
        ".xlsm": partial(_read_excel, sheet=sheet),
    }
    ending = file.suffix.lower()
    if file.is_dir():
        raise CohortError(f"{file}: is a folder; `{named_by}` names a table")
    if not file.exists():
        raise CohortError(f"{file}: no such file; `{named_by}` is relative to the settings file")
    if ending not in readers:
        hint = "; save it as .xlsx" if ending == ".xls" else f"; use one of {', '.join(readers)}"
        raise CohortError(f"{file}: tables are not read from `{ending}` files{hint}")
    try:
        rows = readers[ending](file)
    except OSError as error:
        raise CohortError(f"{file}: cannot be read: {one_line(error)}") from error
    return [[cell_text(cell) for cell in row] for row in rows]


def _read_parquet(file: Path) -> list[list[Any]]:
    try:
        table = pq.ParquetFile(file).read()
    except pa.ArrowException as error:
        raise CohortError(f"{file}: cannot be read as Parquet: {one_line(error)}") from error
    # Python's own values: pandas would turn whole numbers beside empty cells into rounded floats.
    columns = [
        [name, *column.to_pylist()]
        for name, column in zip(table.column_names, table.columns, strict=True)
        if not name.startswith("__index_level_")  # row numbers that pandas left behind
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def _read_excel(file: Path, *, sheet: str | None) -> list[list[Any]]:
    try:
        import openpyxl
    except ImportError as error:
        raise CohortError(
            f'{file}: Excel files need `pip install "mmfeat[excel]"`; or save the table as CSV'
        ) from error
    try:
        with warnings.catch_warnings():
            # They are about how the sheet looks and what it may be edited to, not about its cells.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            named = (one for one in book.worksheets if one.title == sheet)
            chosen = next(named, book.worksheets[0])
            rows = [list(row) for row in chosen.iter_rows(values_only=True)]
            book.close()
    except OSError:
        raise
    except Exception as error:  # zipfile, XML and openpyxl each raise their own
        raise CohortError(f"{file}: cannot be read as Excel: {one_line(error)}") from error
    width = max((len(row) for row in rows), default=0)
    return [row + [None] * (width - len(row)) for row in rows]


def _check_header(file: Path, header: Sequence[str]) -> None:
    if not any(header):
        raise CohortError(f"{file}: the first row is empty; it must hold the names of the columns")
    places = defaultdict(list)
    for number, name in enumerate(header, start=1):
        places[name].append(str(number))
    faults = [
        Fault(f"stands {len(numbers)} times (columns {', '.join(numbers)}); rename", column=name)
        for name, numbers in places.items()
        if name and len(numbers) > 1
    ]
    refuse(file, faults)


def _ragged(header: Sequence[str], body: Sequence[Sequence[str]]) -> list[Fault]:
    width = len(header)
    return [
        Fault(
            f"has {len(row)} cells but the header has {width}; put quotes around a cell that holds "
            "the delimiter, or complete the row",
            row=number,
        )
        for number, row in enumerate(body, start=FIRST_ROW)
        if row and (len(row) < width or any(row[width:]))
    ]
