"""Hide whole columns of records, one after the other: a test that a hospital does not do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfeat.tabular.records import RecordTable


@dataclass(frozen=True)
class ColumnOrder:
    """Say in which order whole columns are hidden, the same in every case.

    At least one column stays. A case that knows nothing in those that stay keeps the last of its
    known cells, so that it still has a record.

    Shape:
        - ``place``: ``(columns,)``, from 0 for the column that is hidden first.
        - ``known``: ``(cases, columns)``, which cells are known.

    Example:
        >>> order = ColumnOrder(np.array([1, 0]), np.array([[True, True], [False, True]]))
        >>> order.hidden_at(0.5).tolist()
        [[False, True], [False, False]]
    """

    place: NDArray[np.int64]
    known: NDArray[np.bool_]

    @property
    def n_known(self) -> NDArray[np.int64]:
        """Number of known cells of each case: ``(cases,)``."""
        return np.asarray(self.known.sum(axis=1), np.int64)

    def hidden_at(self, share: float) -> NDArray[np.bool_]:
        """Return which cells are hidden: ``(cases, columns)``.

        Args:
            share: Share of the columns, from 0 to below 1, to the nearest whole one; above 0 at
                least one is hidden.
        """
        if not 0 <= share < 1:
            raise ValueError(f"share must be from 0 to below 1, got {share}")
        wanted = 0 if share == 0 else max(1, round(share * len(self.place)))
        n_hidden = min(wanted, len(self.place) - 1)
        hidden = self.known & (self.place < n_hidden)
        last = np.where(self.known, self.place, -1).argmax(axis=1)
        bare = np.flatnonzero(hidden.sum(axis=1) == self.n_known)
        hidden[bare, last[bare]] = False
        return hidden


def column_order(records: RecordTable, first: Sequence[float] | NDArray[np.float64]) -> ColumnOrder:
    """Hide columns in the order of some numbers, the lowest first.

    Shape:
        - ``first``: ``(columns,)``.
    """
    known = np.stack([column.known for column in records.columns.values()], axis=1)
    place = np.argsort(np.argsort(np.asarray(first), kind="stable"), kind="stable")
    return ColumnOrder(place, known)
