"""What values each column of a record had in training, and which of new records lie outside."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.drift import number_range
from mmfeat.tabular.records import RecordColumn, RecordTable


@dataclass(frozen=True)
class KnownValues:
    """Say which values of a column training has seen: a range of numbers, or a list of labels.

    Example:
        >>> ages = RecordColumn("numeric", np.array([61.0, 40.0, np.nan]))
        >>> known = KnownValues.of(ages)
        >>> known.remarks("age", RecordColumn("numeric", np.array([39.5, 50.0, np.nan])))
        ('`age` 39.5 is below 40 to 61', '', '')
    """

    range: tuple[float, float] | None = None
    labels: tuple[str, ...] | None = None

    @classmethod
    def of(cls, column: RecordColumn) -> Self:
        """Return what a column holds; neither range nor labels where nothing can be outside."""
        if column.kind in ("categorical", "codes", "ordinal"):
            return cls(labels=tuple(sorted(set(chain.from_iterable(_labels(column))))))
        return cls(range=number_range(column))

    def remarks(self, name: str, column: RecordColumn) -> tuple[str, ...]:
        """Say of each case what of its cell was never seen; an empty text where all was.

        Args:
            name: What the column is called.
            column: Of new cases.
        """
        if self.labels is not None:
            seen = set(self.labels)
            new = [[label for label in labels if label not in seen] for labels in _labels(column)]
            return tuple(
                f"`{name}` {', '.join(f'`{one}`' for one in labels)} was never seen in training"
                if labels
                else ""
                for labels in new
            )
        if self.range is None:
            return ("",) * len(column.values)
        low, high = self.range
        return tuple(_outside(name, value, low, high) for value in column.values.tolist())

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        """Make one of what `to_json` returned."""
        of_numbers, labels = known["range"], known["labels"]
        return cls(
            None if of_numbers is None else (float(of_numbers[0]), float(of_numbers[1])),
            None if labels is None else tuple(labels),
        )


def known_values(records: RecordTable, rows: NDArray[np.int64]) -> dict[str, KnownValues]:
    """Return for each column what values the given rows have."""
    return {name: KnownValues.of(column.taken(rows)) for name, column in records.columns.items()}


def _labels(column: RecordColumn) -> list[tuple[str, ...]]:
    """Return the labels of each case: one category or level, any number of codes."""
    if column.kind == "codes":
        return [() if codes is None else codes for codes in column.values]
    if column.kind == "ordinal":
        levels = column.levels
        return [() if np.isnan(place) else (levels[int(place)],) for place in column.values]
    return [() if label is None else (str(label),) for label in column.values]


def _outside(name: str, value: float, low: float, high: float) -> str:
    if not (value < low or value > high):  # also where it is NaN
        return ""
    side = "below" if value < low else "above"
    return f"`{name}` {value:g} is {side} {low:g} to {high:g}"
