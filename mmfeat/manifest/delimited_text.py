"""Read CSV and TSV files as rows of text, whatever the delimiter."""

import csv
from contextlib import suppress
from io import StringIO
from itertools import islice
from pathlib import Path

from mmfeat.errors import CohortError

_DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_ROWS_LOOKED_AT = 50


def read_delimited(file: Path) -> list[list[str]]:
    """Return the rows of a CSV or TSV file, the header first; a blank line is an empty row.

    Raises:
        CohortError: The file is not text in UTF-8, or its quotes do not match.
    """
    text = _decode(file)
    usual = "\t" if file.suffix.lower() in (".tsv", ".tab") else ","
    delimiter = max(_DELIMITERS, key=lambda sign: (*_fit(text, sign), sign == usual))
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CohortError(
            f'{file}: row {len(rows) + 1}: {error}; mend the quotes (") there or in the rows before'
        ) from error
    return rows


def _decode(file: Path) -> str:
    content = file.read_bytes()
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CohortError(
            f"{file}: line {line}: byte {content[error.start]:#04x} is not UTF-8; save the table "
            "as UTF-8 (Excel: `CSV UTF-8 (comma delimited)`)"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise CohortError(f"{file}: line {line}: has a zero byte, so it is not a text file")
    return text


def _fit(text: str, delimiter: str) -> tuple[int, bool]:
    """Return how many columns a delimiter gives the header, and whether the first rows agree."""
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    widths: list[int] = []
    # A quote in the wrong place says nothing about the delimiter, and is told when all is read.
    with suppress(csv.Error):
        widths.extend(len(row) for row in islice(rows, _ROWS_LOOKED_AT) if row)
    return (widths[0], len(set(widths)) == 1) if widths else (0, False)
