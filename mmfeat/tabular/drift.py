"""Compare two sets of records column by column: missing cells, values, categories."""

from collections import Counter
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, false_discovery_control, ks_2samp

from mmfeat.tabular.records import RecordColumn, RecordTable

_FEWEST = 5
"""Known cells of either set below which values are not compared."""
_SHOWN = 5


@dataclass(frozen=True)
class ColumnDrift:
    """Say how one column differs between a first and a second set of cases."""

    column: str
    missing: tuple[float, float]
    """Share of the cases in which it is not known, in each set."""
    distance: float | None
    """Between the known values, 0 to 1: of numbers the largest distance of their distribution
    functions (Kolmogorov-Smirnov), of others half the sum of the differences of shares (total
    variation); of codes the largest difference of shares. None where there are too few."""
    p: float | None
    """That so large a difference is chance, after Benjamini and Hochberg over all columns."""
    new: tuple[str, ...]
    """Categories or codes that only the second set has, the most frequent first."""
    outside: int
    """Numbers of the second set beyond those of the first."""


def record_drift(
    records: RecordTable, first: NDArray[np.intp], second: NDArray[np.intp]
) -> tuple[ColumnDrift, ...]:
    """Compare the records of two sets of cases, column by column in their order.

    Args:
        records: The records of all cases.
        first: Row numbers of the one set, for example the training part.
        second: Row numbers of the other.

    The tests are scipy's: `ks_2samp` for numbers, `chi2_contingency` for the others and, together
    with them, for whether a cell is known; of a column the smaller of both counts, doubled.
    """
    found = [
        (name, column.taken(first), column.taken(second))
        for name, column in records.columns.items()
    ]
    tests = [_values_test(one, other) for _, one, other in found]
    p_values = [
        _joint_p(p, one, other) for (_, p), (_, one, other) in zip(tests, found, strict=True)
    ]
    tested = [number for number, p in enumerate(p_values) if p is not None]
    adjusted: dict[int, float] = {}
    if tested:
        controlled = false_discovery_control([p_values[number] for number in tested])
        adjusted = dict(zip(tested, controlled.tolist(), strict=True))
    return tuple(
        ColumnDrift(
            column=name,
            missing=(_share_missing(one), _share_missing(other)),
            distance=distance,
            p=adjusted.get(number),
            new=_new_labels(one, other),
            outside=_n_outside(one, other),
        )
        for number, ((name, one, other), (distance, _)) in enumerate(zip(found, tests, strict=True))
    )


def _values_test(one: RecordColumn, other: RecordColumn) -> tuple[float | None, float | None]:
    known, others = one.values[one.known], other.values[other.known]
    if min(len(known), len(others)) < _FEWEST:
        return None, None
    if one.kind in ("numeric", "date_difference", "ordinal"):
        result = ks_2samp(known, others)
        return float(result.statistic), float(result.pvalue)
    counts = _counts(one), _counts(other)
    labels = sorted(set(chain(*counts)))
    table = np.array([[count[label] for label in labels] for count in counts], np.float64)
    n_cases = np.array([[len(known)], [len(others)]])
    shares = np.abs(np.diff(table / n_cases, axis=0))
    if one.kind == "codes":
        return _codes_test(table, n_cases, shares)
    p = float(chi2_contingency(table).pvalue) if len(labels) > 1 else 1.0
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
    return float(chi2_contingency(table).pvalue)


def _counts(column: RecordColumn) -> Counter[str]:
    known = column.values[column.known]
    if column.kind == "codes":
        return Counter(chain.from_iterable(known))
    return Counter(str(value) for value in known)


def _share_missing(column: RecordColumn) -> float:
    return float(1 - column.known.mean()) if len(column.values) else 0.0


def _new_labels(one: RecordColumn, other: RecordColumn) -> tuple[str, ...]:
    if one.kind not in ("categorical", "codes"):
        return ()
    known = _counts(one)
    return tuple(label for label, _ in _counts(other).most_common() if label not in known)[:_SHOWN]


def _n_outside(one: RecordColumn, other: RecordColumn) -> int:
    if one.kind not in ("numeric", "date_difference") or not one.known.any():
        return 0
    known = one.values[one.known]
    values = other.values[other.known]
    return int(((values < known.min()) | (values > known.max())).sum())
