"""Hide known cells of records, to see how a model does with records that have gaps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.tabular.records import RecordColumn, RecordTable

FEWEST_COLUMNS = 2
"""A record of one column is there or not; it has no cells that could be hidden beside others."""


def hide_cells(records: RecordTable, hidden: NDArray[np.bool_]) -> RecordTable:
    """Return the records with some cells unknown.

    Shape:
        - ``hidden``: ``(cases, columns)``, True where the cell is to be unknown.

    Example:
        >>> age = RecordColumn("numeric", np.array([61.0, 70.0]))
        >>> hide_cells(RecordTable({"age": age}), np.array([[True], [False]])).present
        array([False,  True])
    """
    wanted = (len(records), len(records.columns))
    if hidden.shape != wanted or hidden.dtype != bool:
        raise ValueError(f"hidden must be bool {wanted}, got {hidden.dtype} {hidden.shape}")
    columns = zip(records.columns.items(), hidden.T, strict=True)
    return RecordTable({name: _hide(column, rows) for (name, column), rows in columns})


@dataclass(frozen=True)
class HidingOrder:
    """Say in which order the known cells of each case are hidden, as more and more of them are.

    What is hidden at one share is hidden at every larger one, and each case keeps at least one
    cell, so that it still has a record.

    Shape:
        - ``place``: ``(cases, columns)``, from 0 for the cell that is hidden first; unknown cells
          come after all known ones.
        - ``n_known``: ``(cases,)``.
        - ``rounding``: ``(cases,)``, from 0 to below 1. A share of 5 cells is seldom a whole number
          of them: the case's number is rounded up where this is large, so that over many cases the
          share is met.
    """

    place: NDArray[np.int64]
    n_known: NDArray[np.int64]
    rounding: NDArray[np.float64]

    def hidden_at(self, share: float) -> NDArray[np.bool_]:
        """Return which cells are hidden: ``(cases, columns)``.

        Args:
            share: Share of each case's known cells, from 0 to below 1.
        """
        if not 0 <= share < 1:
            raise ValueError(f"share must be from 0 to below 1, got {share}")
        wanted = np.floor(share * self.n_known + self.rounding)
        n_hidden = np.minimum(wanted, np.maximum(self.n_known - 1, 0))
        return np.asarray(self.place < n_hidden[:, None])


def random_order(records: RecordTable, case_ids: Sequence[str], *, seed: int) -> HidingOrder:
    """Draw for each case an order of its cells, which hangs on nothing but its id and the seed.

    Neither the other cases nor the order of rows or columns make a difference.

    Args:
        records: The records of all cases.
        case_ids: Their ids.
        seed: Another seed gives another order.
    """
    seeds = [int.from_bytes(_digest(f"{seed} {case_id}"), "big") for case_id in case_ids]
    names = np.argsort(np.argsort(list(records.columns)))  # place of each column in the alphabet
    n_columns = len(names)
    drawn = [np.random.default_rng(one).random(n_columns + 1) for one in seeds]
    values = np.reshape(drawn, (len(records), n_columns + 1))
    return order_by(records, values[:, :-1][:, names], rounding=values[:, -1])


def order_by(records: RecordTable, first: ArrayLike, *, rounding: ArrayLike = 0.5) -> HidingOrder:
    """Hide cells in the order of some numbers.

    Shape:
        - ``first``: ``(cases, columns)`` or ``(columns,)``; the cells of a case with the lowest
          numbers are hidden first.
        - ``rounding``: ``(cases,)`` or one number; 0.5 rounds to the nearest number of cells.
    """
    known = np.stack([column.known for column in records.columns.values()], axis=1)
    keys = np.where(known, np.broadcast_to(np.asarray(first, np.float64), known.shape), np.inf)
    place = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1, kind="stable")
    roundings = np.broadcast_to(np.asarray(rounding, np.float64), (len(records),))
    return HidingOrder(place, known.sum(axis=1), roundings)


def _hide(column: RecordColumn, rows: NDArray[np.bool_]) -> RecordColumn:
    values = column.values.copy()
    values[rows] = None if values.dtype == object else np.nan
    sides = None if column.sides is None else np.where(rows, np.int8(0), column.sides)
    return replace(column, values=values, sides=sides)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
