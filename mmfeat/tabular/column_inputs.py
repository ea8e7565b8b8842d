"""A record as networks take it: scaled numbers and codes of categories, with gaps left as gaps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mmfeat.tabular.encoder import ColumnEncoding, RecordEncoder
from mmfeat.tabular.encodings import (
    BooleanEncoding,
    CategoryEncoding,
    CodesEncoding,
    NumberEncoding,
)
from mmfeat.tabular.records import RecordColumn, RecordTable


@dataclass(frozen=True, eq=False)
class ColumnInputs:
    """Hold the records of all cases, as networks take them.

    Numbers, levels, differences in days and the components of texts are numbers. Categories, yes
    and no, and for each code that is kept whether the case has it, are categories; so is, of a
    number that may be a limit such as `<0.5`, on which side of it the truth lies.

    Shape:
        - ``numbers``: ``(cases, n_numbers)``, float32, scaled as the encoder does, NaN where
          unknown.
        - ``categories``: ``(cases, n_categorical)``, int64, from 0 to the column's cardinality - 1,
          the last of which is "unknown".
        - ``present``: ``(cases,)``, True where the case has a record at all.
    """

    numbers: NDArray[np.float32]
    categories: NDArray[np.int64]
    cardinalities: tuple[int, ...]
    """Of each categorical column, "unknown" included."""
    present: NDArray[np.bool_]
    number_names: tuple[str, ...]
    category_names: tuple[str, ...]
    columns: tuple[str, ...]
    """Names of the record's own columns, in order."""
    column_of_number: tuple[int, ...]
    """For each number, the place in ``columns`` of the column that it comes from."""
    column_of_category: tuple[int, ...]
    """For each category, the same. A codes column has many; they are known or unknown together."""

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.present)

    @classmethod
    def of(cls, encoder: RecordEncoder, records: RecordTable) -> "ColumnInputs":
        """Make the inputs of all cases with what an encoder was fitted to.

        Raises:
            RecordError: The records have other columns, kinds or levels than those fitted to.

        Example:
            >>> age = RecordColumn("numeric", np.array([60.0, 70.0, np.nan]))
            >>> sex = RecordColumn("boolean", np.array([1.0, np.nan, np.nan]))
            >>> records = RecordTable({"age": age, "female": sex})
            >>> inputs = ColumnInputs.of(RecordEncoder.fit(records, [0, 1]), records)
            >>> inputs.numbers.tolist(), inputs.categories.tolist(), inputs.cardinalities
            ([[-1.0], [1.0], [nan]], [[1], [2], [2]], (3,))
        """
        encoder.check_columns(records)
        numbers: list[tuple[int, _Part]] = []
        categories: list[tuple[int, _Part]] = []
        for place, encoding in enumerate(encoder.columns):
            for part in _parts_of(encoding, records.columns[encoding.name]):
                (numbers if part.cardinality is None else categories).append((place, part))
        n_cases = len(records)
        return cls(
            numbers=_stacked([part.values for _, part in numbers], n_cases).astype(np.float32),
            categories=_stacked([part.values for _, part in categories], n_cases).astype(np.int64),
            cardinalities=tuple(part.cardinality or 0 for _, part in categories),
            present=records.present,
            number_names=tuple(part.name for _, part in numbers),
            category_names=tuple(part.name for _, part in categories),
            columns=tuple(encoding.name for encoding in encoder.columns),
            column_of_number=tuple(place for place, _ in numbers),
            column_of_category=tuple(place for place, _ in categories),
        )

    def taken(self, rows: NDArray[np.int64]) -> "ColumnInputs":
        """Return the inputs of some cases only."""
        return replace(
            self,
            numbers=self.numbers[rows],
            categories=self.categories[rows],
            present=self.present[rows],
        )


@dataclass(frozen=True, eq=False)
class _Part:
    """One number or category of a column: ``(cases,)``."""

    name: str
    values: NDArray[np.float64] | NDArray[np.int64]
    cardinality: int | None = None
    """None for numbers."""


def _parts_of(encoding: ColumnEncoding, column: RecordColumn) -> Iterator[_Part]:
    match encoding:
        case NumberEncoding():
            yield from _parts_of_number(encoding, column)
        case BooleanEncoding():
            yield _answers(encoding.name, column.values, column)
        case CategoryEncoding():
            other = len(encoding.kept)
            places = dict(zip(encoding.kept, range(other), strict=True))
            codes, names = pd.factorize(column.values)  # -1 where unknown
            of_names = np.array([*(places.get(name, other) for name in names), other + 1])
            yield _Part(encoding.name, of_names[codes], other + 2)
        case CodesEncoding():
            has = encoding.encode(column)[:, :-1]  # without the flag for unknown
            names_of_codes = encoding.feature_names[:-1]
            yield from (_answers(*one, column) for one in zip(names_of_codes, has.T, strict=True))
        case _:
            scores = encoding.encode(column)[:, :-1]
            for name, values in zip(encoding.feature_names[:-1], scores.T, strict=True):
                yield _Part(name, np.where(column.known, values, np.nan))


def _parts_of_number(encoding: NumberEncoding, column: RecordColumn) -> Iterator[_Part]:
    filled = np.where(column.known, column.values, encoding.median)
    yield _Part(encoding.name, np.where(column.known, encoding.scaling.scale(filled), np.nan))
    if column.sides is not None:  # exact, below, above, unknown
        sides = np.where(column.sides < 0, 1, np.where(column.sides > 0, 2, 0))
        yield _Part(f"{encoding.name}:side", np.where(column.known, sides, 3), 4)


def _answers(name: str, values: NDArray[np.float64], column: RecordColumn) -> _Part:
    """Return no, yes, unknown as 0, 1, 2."""
    return _Part(name, np.where(column.known, values, 2.0).astype(np.int64), 3)


def _stacked(parts: list[NDArray[Any]], n_cases: int) -> NDArray[Any]:
    return np.stack(parts, axis=1) if parts else np.zeros((n_cases, 0))
