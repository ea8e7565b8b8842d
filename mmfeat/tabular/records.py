"""Clinical records as typed columns: read and checked, with nothing fitted to them yet."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

ColumnKind = Literal["numeric", "categorical", "ordinal", "boolean", "date_difference"]

LARGEST_NUMBER = 1e100
"""Numbers beyond this are refused: nothing is that large, and their squares would overflow."""


@dataclass(frozen=True)
class RecordColumn:
    """Hold one column of all cases.

    Shape:
        - ``values``: ``(cases,)``. categorical: object, a text or None where unknown. Otherwise
          float64, NaN where
          unknown: the number, the index of the level, 0 or 1, or the difference in days.
    """

    kind: ColumnKind
    values: NDArray[Any]
    levels: tuple[str, ...] = ()
    """The levels of an ordinal column, from the lowest to the highest."""

    def __post_init__(self) -> None:
        """Check the type of the values, and that numbers are finite or NaN."""
        wanted = np.dtype(object if self.kind == "categorical" else np.float64)
        if self.values.dtype != wanted or self.values.ndim != 1:
            found = f"{self.values.dtype} of shape {self.values.shape}"
            raise ValueError(
                f"values of a {self.kind} column must be {wanted} (cases,), got {found}"
            )
        if self.kind != "categorical" and (np.abs(self.values) > LARGEST_NUMBER).any():
            raise ValueError(
                f"values must be NaN or within +-{LARGEST_NUMBER:g}, got infinite or larger ones"
            )

    @property
    def known(self) -> NDArray[np.bool_]:
        """Say in which cases the value is known: ``(cases,)``."""
        if self.kind == "categorical":
            return np.array([value is not None for value in self.values], dtype=bool)
        return np.asarray(~np.isnan(self.values), dtype=bool)


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
