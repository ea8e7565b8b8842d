"""Test parts whose records have lost some of their cells, as heads take them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mmfeat.feature_table import FeatureTable
from mmfeat.fusion.contract import Features, Sets
from mmfeat.stages.evaluation.hiding import Importance, hiding_orders
from mmfeat.tabular.hidden_cells import FEWEST_COLUMNS, hide_cells

_CASES_AT_ONCE = 4096
"""Predicting few cases costs as much as predicting some thousands, so several points of a curve are
predicted together where cases are few."""


@dataclass(frozen=True)
class HiddenPart:
    """Hold the cases of one test part that have a record, with some cells hidden.

    A case is there once for each way and share that it is to be predicted with.

    Shape:
        - ``orders``: ``(cases,)``, how cells were chosen: at random, or by whole columns; see
          `hiding_orders`.
        - ``shares``: ``(cases,)``, the share that was asked for.
        - ``rows``: ``(cases,)``, row numbers.
        - ``features``: for each modality ``(cases, width)``, as heads take them.
        - ``n_known``, ``n_hidden``: ``(cases,)``, the cells that were known, and are hidden now.

    ``sets`` has the scans or tokens of the same cases, where heads read them.
    """

    modality: str
    orders: NDArray[np.object_]
    shares: NDArray[np.float64]
    rows: NDArray[np.int64]
    features: Features
    n_known: NDArray[np.int64]
    n_hidden: NDArray[np.int64]
    sets: Sets = field(default_factory=dict)


def hidden_parts(
    table: FeatureTable,
    test: NDArray[np.int64],
    encode: Callable[[FeatureTable], Features],
    *,
    shares: Sequence[float],
    seed: int,
    sets: Sets | None = None,
    importance: Importance | None = None,
) -> tuple[HiddenPart, ...]:
    """Hide each share of the known cells of each table modality, one modality at a time.

    Nothing hidden is there once, with the first of the orders.

    Args:
        table: The features of all cases.
        test: Row numbers of the test part.
        encode: Turns features into what heads take, as fitted to the fold's training part.
        shares: Shares above 0 and below 1; nothing hidden comes first. None gives no parts.
        seed: Seed of what is hidden at random; see `random_order`.
        sets: The scans or tokens of all cases, where heads read them.
        importance: How much each column tells, to hide whole columns by, too; or None.
    """
    if not shares:
        return ()
    parts: list[HiddenPart] = []
    for modality, records in table.records.items():
        rows = test[table.has(modality)[test]]
        if len(records.columns) < FEWEST_COLUMNS or not len(rows):
            continue
        part = _taken(table, rows, tuple(table.case_ids[row] for row in rows))
        ways = hiding_orders(
            part.records[modality],
            part.case_ids,
            seed=seed,
            importance=(importance or {}).get(modality),
        )
        whole, *points = [
            _Point(way, share, order.hidden_at(share), order.n_known)
            for number, (way, order) in enumerate(ways)
            for share in (*([] if number else [0.0]), *shares)
        ]
        together = max(1, _CASES_AT_ONCE // len(rows))
        blocks = [points[first : first + together] for first in range(0, len(points), together)]
        for block in [[whole], *blocks]:
            of_rows = np.tile(rows, len(block))
            scans = {name: one.of_cases(of_rows) for name, one in (sets or {}).items()}
            parts.append(_hidden_part(part, modality, block, of_rows, encode=encode, sets=scans))
    return tuple(parts)


@dataclass(frozen=True)
class _Point:
    """One point of a curve: what is hidden of each case."""

    order: str
    share: float
    hidden: NDArray[np.bool_]
    n_known: NDArray[np.int64]


def _hidden_part(
    part: FeatureTable,
    modality: str,
    points: Sequence[_Point],
    rows: NDArray[np.int64],
    *,
    encode: Callable[[FeatureTable], Features],
    sets: Sets,
) -> HiddenPart:
    """Hide the cells of some points, the cases of one after those of the other."""
    times = range(len(points))  # each time under ids of its own
    names = tuple(f"{case_id} {number}" for number in times for case_id in part.case_ids)
    stacked = _taken(part, np.tile(np.arange(len(part)), len(points)), names)
    hidden = np.concatenate([point.hidden for point in points])
    gappy = {**stacked.records, modality: hide_cells(stacked.records[modality], hidden)}
    n_cases = len(part)
    return HiddenPart(
        modality,
        np.repeat(np.array([point.order for point in points], dtype=object), n_cases),
        np.repeat([point.share for point in points], n_cases),
        rows,
        encode(replace(stacked, records=gappy)),
        n_known=np.concatenate([point.n_known for point in points]),
        n_hidden=hidden.sum(axis=1),
        sets=sets,
    )


def _taken(table: FeatureTable, rows: NDArray[np.int64], case_ids: tuple[str, ...]) -> FeatureTable:
    """Return some of the cases under other ids, without the sets of their scans."""
    return replace(
        table,
        case_ids=case_ids,
        patient_ids=tuple(table.patient_ids[row] for row in rows),
        vectors={
            name: values[rows] if isinstance(values, np.ndarray) else values.take(rows)
            for name, values in table.vectors.items()
        },
        records={name: records.taken(rows) for name, records in table.records.items()},
        present=table.present[rows],
        sets={},
    )
