"""A table of the download: its columns checked when it is read, its cells when they are used."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mmfeat.config.labels import label_text
from mmfeat.errors import CohortError


@dataclass(frozen=True)
class SourceTable:
    """Hold the columns of a table that a cohort needs, as texts."""

    file: Path
    frame: pd.DataFrame
    """Texts, NaN where a cell is empty. The index is what ``place`` counts."""
    absent: tuple[str, ...] = ()
    """Optional columns that the file does not have; in the frame they are empty."""
    place: str = "row"
    """What the index counts: the rows of a spreadsheet, the header being 1, or records."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.frame)

    def __getitem__(self, column: str) -> "pd.Series[Any]":
        """Return a column of texts, NaN where a cell is empty."""
        return self.frame[column]

    def where(self, keep: "pd.Series[bool]") -> "SourceTable":
        """Return the table with some of its rows; they keep their numbers."""
        return replace(self, frame=self.frame[keep])

    def known(self, *columns: str) -> "SourceTable":
        """Return the table as it is, having looked that no cell of some columns is empty.

        Raises:
            CohortError: One is empty.
        """
        for column in columns:
            empty = self.frame[column].isna()
            if empty.any():
                self.refuse(column, empty, "is empty; every row needs it")
        return self

    def unique(self, *columns: str) -> "SourceTable":
        """Return the table as it is, having looked that no two rows agree in some columns.

        Raises:
            CohortError: Two rows do, or a cell is empty.
        """
        self.known(*columns)
        again = self.frame.duplicated(list(columns))
        if again.any():
            together = " and ".join(f"`{column}`" for column in columns)
            self.refuse(
                columns[0], again, f"stands in an earlier row already; {together} names a row"
            )
        return self

    def coded(self, column: str, codes: Mapping[str, str | None]) -> "pd.Series[Any]":
        """Return what the codes of a column mean; an empty cell stays empty.

        However a number is written, it is the same code: ``1``, ``1.0``; but ``01`` is another.

        Args:
            column: Name of the column.
            codes: What each code means, numbers without decimals; None: nothing is known.

        Raises:
            CohortError: A cell holds a code that is not among them.
        """
        cells = self.frame[column].map(label_text, na_action="ignore")
        unknown = cells.notna() & ~cells.isin(list(codes))
        if unknown.any():
            known = ", ".join(f"`{code}`" for code in codes)
            self.refuse(column, unknown, f"is none of the codes that are known ({known})")
        meanings = {code: np.nan if text is None else text for code, text in codes.items()}
        return cells.map(meanings).astype(object)

    def number(
        self, column: str, *, minimum: float = -math.inf, maximum: float = math.inf
    ) -> "pd.Series[float]":
        """Return a column of numbers; an empty cell is NaN.

        Raises:
            CohortError: A cell holds no number, or one outside the bounds.
        """
        cells = self.frame[column]
        numbers = pd.to_numeric(cells, errors="coerce").astype(float)
        wrong = cells.notna() & ~np.isfinite(numbers)
        if wrong.any():
            self.refuse(column, wrong, "is no number")
        outside = (numbers < minimum) | (numbers > maximum)
        if outside.any():
            self.refuse(column, outside, f"is not between {minimum:g} and {maximum:g}")
        return numbers

    def date(self, column: str, *, form: str) -> "pd.Series[Any]":
        """Return a column of dates as ISO texts; an empty cell stays empty.

        Args:
            column: Name of the column.
            form: How dates are written there, as ``strptime`` has it, such as ``%d.%m.%Y``.

        Raises:
            CohortError: A cell holds something else.
        """
        cells = self.frame[column]
        days = cells.map(lambda cell: _iso_day(cell, form), na_action="ignore")
        wrong = cells.notna() & days.isna()
        if wrong.any():
            self.refuse(column, wrong, f"is no date written as {form}")
        return days.astype(object)

    def checked(self, column: str, right: Callable[[str], bool], *, must: str) -> "pd.Series[Any]":
        """Return a column of texts, having looked at each that is not empty.

        Args:
            column: Name of the column.
            right: Says whether a text is as it must be.
            must: The end of the message where one is not, such as ``must begin with R01-``.

        Raises:
            CohortError: One is not.
        """
        cells = self.frame[column]
        wrong = cells.notna() & ~cells.map(right, na_action="ignore").eq(True)
        if wrong.any():
            self.refuse(column, wrong, must)
        return cells

    def refuse(self, column: str, wrong: "pd.Series[bool]", why: str) -> None:
        """Raise a CohortError about some rows: the first, what it holds, and how many there are.

        Raises:
            CohortError: Always.
        """
        rows = self.frame.index[wrong.to_numpy()]
        cell = self.frame[column].loc[rows[0]]
        found = f"`{cell}` " if isinstance(cell, str) else ""
        n_more = len(rows) - 1
        more = f" (and {n_more} more row{'s' * (n_more > 1)})" if n_more else ""
        raise CohortError(
            f"{self.file}: {self.place} {rows[0]}, column `{column}`: {found}{why}{more}"
        )


def _iso_day(cell: str, form: str) -> str | float:
    try:
        return datetime.strptime(cell, form).date().isoformat()
    except ValueError:
        return np.nan
