"""Compare two sets of records column by column: missing cells, values, categories."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import scipy  # its parts are loaded when they are first used: predicting needs few of them
from numpy.typing import NDArray

from mmfeat.tabular.records import RecordColumn, RecordTable

_FEWEST = 5
"""Known cells of either set below which values are not compared."""
_SHOWN = 5
Range = tuple[float, float]
"""The smallest and the largest number."""


@dataclass(frozen=True)
class ColumnDrift:
    """Say how one column differs between a first and a second set of cases."""

    column: str
    missing: tuple[float, float]
    """Share of the cases in which it is not known, in each set."""
    distance: float | None
    """Between the known values, 0 to 1: of numbers the largest distance of their distribution
    functions (Kolmogorov-Smirnov), of others half the sum of the differences of shares (total
    variation); of codes the largest difference of shares. None where there are too few, and of
    text, nearly every cell of which differs from all others."""
    p: float | None
    """That so large a difference is chance, after Benjamini and Hochberg over all columns."""
    new: tuple[str, ...]
    """Categories, codes or levels that only the second set has, the five most frequent first."""
    n_new: int
    """Cells of the second set that hold one that the first does not have."""
    outside: int
    """Numbers of the second set beyond those of the first."""
    ranges: tuple[Range | None, Range | None]
    """Of the known numbers or days of each set; None where there are none."""


def record_drift(
    records: RecordTable, first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[ColumnDrift, ...]:
    """Compare the records of two sets of cases; see `table_drift`.

    Args:
        records: The records of all cases.
        first: Row numbers of the one set, for example the training part.
        second: Row numbers of the other.
    """
    return table_drift(records.taken(first), records.taken(second))


def table_drift(first: RecordTable, second: RecordTable) -> tuple[ColumnDrift, ...]:
    """Compare two tables of the same columns, column by column in their order.

    The tests are scipy's: `ks_2samp` for numbers, `chi2_contingency` for the others and, together
    with them, for whether a cell is known; of a column the smaller of both counts, doubled.
    """
    if first.kinds != second.kinds:
        raise ValueError(f"both tables must have the columns {first.kinds}, got {second.kinds}")
    found = [(name, one, second.columns[name]) for name, one in first.columns.items()]
    tests = [_values_test(one, other) for _, one, other in found]
    p_values = [
        _joint_p(p, one, other) for (_, p), (_, one, other) in zip(tests, found, strict=True)
    ]
    tested = [number for number, p in enumerate(p_values) if p is not None]
    adjusted: dict[int, float] = {}
    if tested:
        controlled = scipy.stats.false_discovery_control([p_values[number] for number in tested])
        adjusted = dict(zip(tested, controlled.tolist(), strict=True))
    return tuple(
        ColumnDrift(
            column=name,
            missing=(share_missing(one), share_missing(other)),
            distance=distance,
            p=adjusted.get(number),
            **_beyond(one, other),
        )
        for number, ((name, one, other), (distance, _)) in enumerate(zip(found, tests, strict=True))
    )


def _values_test(one: RecordColumn, other: RecordColumn) -> tuple[float | None, float | None]:
    known, others = one.values[one.known], other.values[other.known]
    if min(len(known), len(others)) < _FEWEST or one.kind == "text":
        return None, None
    if one.kind in ("numeric", "date_difference", "ordinal"):
        result = scipy.stats.ks_2samp(known, others)
        return float(result.statistic), float(result.pvalue)
    counts = _counts(one), _counts(other)
    labels = sorted(set(chain(*counts)))
    table = np.array([[count[label] for label in labels] for count in counts], np.float64)
    n_cases = np.array([[len(known)], [len(others)]])
    shares = np.abs(np.diff(table / n_cases, axis=0))
    if one.kind == "codes":
        return _codes_test(table, n_cases, shares)
    p = float(scipy.stats.chi2_contingency(table).pvalue) if len(labels) > 1 else 1.0
    return float(shares.sum() / 2), p


def _codes_test(
    table: NDArray[np.float64], n_cases: NDArray[np.int_], shares: NDArray[np.float64]
) -> tuple[float | None, float | None]:
    """Test each code for itself; the least likely counts, times their number (Bonferroni)."""
    p_values = [
        _flag_p(table[:, code], n_cases[:, 0] - table[:, code]) for code in range(table.shape[1])
    ]
    if not p_values:
        return None, None
    return float(shares.max()), min(1.0, min(p_values) * len(p_values))


def _joint_p(p: float | None, one: RecordColumn, other: RecordColumn) -> float | None:
    if not len(one.values) or not len(other.values):
        return p
    known = np.array([one.known.sum(), other.known.sum()])
    missing = np.array([len(one.values), len(other.values)]) - known
    of_missing = _flag_p(known, missing)
    return of_missing if p is None else min(1.0, 2 * min(p, of_missing))


def _flag_p(yes: NDArray[np.generic], no: NDArray[np.generic]) -> float:
    table = np.stack([yes, no])
    if not table.sum(axis=1).all() or not table.sum(axis=0).all():
        return 1.0
    return float(scipy.stats.chi2_contingency(table).pvalue)


def _counts(column: RecordColumn) -> Counter[str]:
    known = column.values[column.known]
    if column.kind == "codes":
        return Counter(chain.from_iterable(known))
    if column.kind == "ordinal":
        return Counter(column.levels[int(level)] for level in known)
    return Counter(map(str, known))


def share_missing(column: RecordColumn) -> float:
    """Return the share of the cases in which a column is not known; 0 of no cases."""
    return float(1 - column.known.mean()) if len(column.values) else 0.0


def number_range(column: RecordColumn) -> Range | None:
    """Return the smallest and the largest known number or day of a column, if it is of such."""
    if column.kind not in ("numeric", "date_difference") or not column.known.any():
        return None
    known = column.values[column.known]
    return float(known.min()), float(known.max())


def _beyond(one: RecordColumn, other: RecordColumn) -> dict[str, Any]:
    """Return what the second set has that the first has not, as fields of `ColumnDrift`."""
    ranges = number_range(one), number_range(other)
    outside = 0
    if ranges[0] is not None:
        low, high = ranges[0]
        outside = int(((other.values < low) | (other.values > high)).sum())  # not where NaN
    labels: tuple[str, ...] = ()
    n_new = 0
    if one.kind in ("categorical", "codes", "ordinal"):
        known = _counts(one)
        new = {label: count for label, count in _counts(other).most_common() if label not in known}
        labels = tuple(new)[:_SHOWN]
        if one.kind == "codes":
            n_new = sum(not new.keys().isdisjoint(codes) for codes in other.values[other.known])
        else:
            n_new = sum(new.values())
    return {"new": labels, "n_new": n_new, "outside": outside, "ranges": ranges}
