"""Clinical records as typed columns: read and checked, with nothing fitted to them yet."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.config.number_cells import LARGEST_NUMBER

ColumnKind = Literal[
    "numeric", "categorical", "ordinal", "boolean", "date_difference", "codes", "text"
]
_OBJECTS = ("categorical", "codes", "text")
"""Kinds whose values are no numbers."""


@dataclass(frozen=True, eq=False)
class TextVectors:
    """Hold what a sentence encoder makes of the texts of a column.

    Shape:
        - ``values``: ``(cases, width)``, float32, finite; whatever where the text is unknown.
    """

    values: NDArray[np.float32]
    model: str
    """Digest of the encoder and of how it is used; vectors of two encoders have nothing in common.
    """

    def __post_init__(self) -> None:
        """Check the type of the values."""
        if self.values.dtype != np.float32 or self.values.ndim != 2:
            found = f"{self.values.dtype} of shape {self.values.shape}"
            raise ValueError(f"vectors of texts must be float32 (cases, width), got {found}")


@dataclass(frozen=True)
class RecordColumn:
    """Hold one column of all cases.

    Shape:
        - ``values``: ``(cases,)``. categorical and text: object, a text or None where unknown.
          codes: object, a sorted tuple of texts or None where unknown. Otherwise float64, NaN where
          unknown: the number, the index of the level, 0 or 1, or the difference in days.
        - ``sides``: None, or ``(cases,)``, int8, of a numeric column that may hold limits: -1
          where the true number is below the value, 1 where it is above, 0 elsewhere.
    """

    kind: ColumnKind
    values: NDArray[Any]
    levels: tuple[str, ...] = ()
    """The levels of an ordinal column, from the lowest to the highest."""
    sides: NDArray[np.int8] | None = None
    vectors: TextVectors | None = None
    """Of a column of text once it is embedded; reading the table does not."""

    def __post_init__(self) -> None:
        """Check the type of the values, and that numbers are finite or NaN."""
        wanted = np.dtype(object if self.kind in _OBJECTS else np.float64)
        if self.values.dtype != wanted or self.values.ndim != 1:
            found = f"{self.values.dtype} of shape {self.values.shape}"
            raise ValueError(
                f"values of a {self.kind} column must be {wanted} (cases,), got {found}"
            )
        if self.kind not in _OBJECTS and (np.abs(self.values) > LARGEST_NUMBER).any():
            raise ValueError(
                f"values must be NaN or within +-{LARGEST_NUMBER:g}, got infinite or larger ones"
            )
        if self.sides is not None and (
            self.kind != "numeric"
            or self.sides.dtype != np.int8
            or self.sides.shape != self.values.shape
        ):
            found = f"{self.sides.dtype} of shape {self.sides.shape}"
            raise ValueError(f"sides must be int8 of a numeric column's shape, got {found}")
        if self.vectors is not None and (
            self.kind != "text" or len(self.vectors.values) != len(self.values)
        ):
            raise ValueError(f"vectors must be of the cases of a text column, not of {self.kind}")

    @property
    def known(self) -> NDArray[np.bool_]:
        """Say in which cases the value is known: ``(cases,)``."""
        if self.kind in _OBJECTS:
            return np.asarray(self.values != None, dtype=bool)  # noqa: E711 - for each element
        return np.asarray(~np.isnan(self.values), dtype=bool)

    def taken(self, rows: NDArray[np.int64]) -> "RecordColumn":
        """Return the column of some cases only."""
        sides = None if self.sides is None else self.sides[rows]
        vectors = self.vectors and replace(self.vectors, values=self.vectors.values[rows])
        return replace(self, values=self.values[rows], sides=sides, vectors=vectors)


@dataclass(frozen=True)
class RecordTable:
    """Hold the records of all cases, column by column, in the order of the settings.

    Example:
        >>> age = RecordColumn("numeric", np.array([61.0, np.nan]))
        >>> sex = RecordColumn("categorical", np.array(["f", None], dtype=object))
        >>> RecordTable({"age": age, "sex": sex}).present
        array([ True, False])
    """

    columns: dict[str, RecordColumn]

    def __post_init__(self) -> None:
        """Check that there are columns, and that they are equally long."""
        lengths = {name: len(column.values) for name, column in self.columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"a record table needs columns of one length, got {lengths}")

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(next(iter(self.columns.values())).values)

    def taken(self, rows: NDArray[np.int64]) -> "RecordTable":
        """Return the records of some cases only."""
        return RecordTable({name: column.taken(rows) for name, column in self.columns.items()})

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """Kind of each column."""
        return {name: column.kind for name, column in self.columns.items()}

    @property
    def present(self) -> NDArray[np.bool_]:
        """Say which cases have a record: at least one column is known. ``(cases,)``."""
        known = np.stack([column.known for column in self.columns.values()])  # (columns, cases)
        return np.asarray(known.any(axis=0))


def row_numbers(rows: ArrayLike, n_cases: int) -> NDArray[np.int64]:
    """Return the numbers of chosen rows sorted, each once.

    Raises:
        ValueError: They are a mask or other than whole numbers from 0 to ``n_cases - 1``.

    Example:
        >>> row_numbers([3, 0, 3], 4)
        array([0, 3])
    """
    numbers = np.asarray(rows)
    if numbers.size and not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(f"rows must be row numbers, got {numbers.dtype}")
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < n_cases:
        raise ValueError(
            f"rows must be from 0 to {n_cases - 1}, got {numbers.min()} to {numbers.max()}"
        )
    return np.unique(numbers.astype(np.int64))
