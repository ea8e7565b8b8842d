"""What a column of an unknown table looks like."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pandas as pd

from mmfeat.config.guess import Evidence
from mmfeat.config.labels import label_text
from mmfeat.manifest.numbers import plain_number

_DATE_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y")
_PART_OF_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_ID_IN_ONE_WORD = re.compile(
    r"\bu?(patient|pat|pt|subject|subj|participant|person|case|study|scan|exam|series|image|visit"
    r"|site|hospital|center|centre)(ids?|uid|nr|no|name|code|key)\b"
)
_EARLIEST_YEAR, _LATEST_YEAR = 1900, 2100


@dataclass(frozen=True)
class ColumnProfile:
    """Hold the known cells of a column, in the order of the rows."""

    name: str
    cells: tuple[str, ...]
    n_rows: int

    @classmethod
    def of(cls, frame: pd.DataFrame, name: str) -> "ColumnProfile":
        """Look at one column of a frame of text."""
        return cls(name, tuple(frame[name].dropna()), len(frame))

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of the name; see `words_of`."""
        return words_of(self.name)

    def named(self, words: Iterable[str]) -> bool:
        """Say whether one of the words is in the name."""
        return not self.words.isdisjoint(words)

    @cached_property
    def labels(self) -> Counter[str]:
        """How often each value occurs, `1.0` and `1` being the same."""
        return Counter(map(label_text, self.cells))

    def evidence(self, *rivals: str, n_others: int = 0) -> Evidence:
        """Return what a guess of this column rests on.

        Args:
            rivals: What else would fit the cells as well.
            n_others: Known cells that the guess does not fit.
        """
        return Evidence(len(self.cells) - n_others, len(self.cells), rivals)

    @property
    def is_complete(self) -> bool:
        """Say whether every row has a value."""
        return len(self.cells) == self.n_rows

    @property
    def is_key(self) -> bool:
        """Say whether every row has a value of its own."""
        return self.is_complete and len(set(self.cells)) == self.n_rows

    @cached_property
    def numbers(self) -> tuple[float, ...] | None:
        """The cells as numbers; None where one is no number."""
        numbers = tuple(map(plain_number, self.cells))
        found = tuple(number for number in numbers if number is not None)
        return found if found and len(found) == len(numbers) else None

    @property
    def has_codes(self) -> bool:
        """Say whether numbers have leading zeros, so that they are names rather than numbers."""
        return any(re.fullmatch(r"0[0-9]+", cell) for cell in self.cells)

    @cached_property
    def date_formats(self) -> tuple[str, ...]:
        """Formats in which every known cell is a date."""
        cells = set(self.cells)
        return tuple(
            form for form in _DATE_FORMATS if cells and all(_is_date(cell, form) for cell in cells)
        )


def words_of(name: str) -> frozenset[str]:
    """Return the words of a name in lower case.

    Example:
        >>> sorted(words_of("PatientID")) == sorted(words_of("PATIENTID")) == ["id", "patient"]
        True
    """
    words = " ".join(_PART_OF_NAME.findall(name)).lower()
    return frozenset(_ID_IN_ONE_WORD.sub(r"\1 \2", words).split())


def _is_date(text: str, form: str) -> bool:
    if form == "%Y%m%d" and len(text) != len("20240131"):  # strptime would take fewer digits
        return False
    try:
        year = datetime.strptime(text, form).year
    except ValueError:
        return False
    return _EARLIEST_YEAR <= year <= _LATEST_YEAR
