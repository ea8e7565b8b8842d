"""Do groups of cases differ in a label: statistics of tables and ranks, tested by permutation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mmfeat.metrics.ranked_cases import Array

Statistics = Callable[[NDArray[np.int64]], Array]
"""Of each order of the cases: ``(orders, cases)`` to ``(orders,)``."""
_CHUNK_CELLS = 4_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Association:
    """Hold how a label hangs on the group, and how surely."""

    test: str
    """``chi-square`` of classes, ``Kruskal-Wallis`` of numbers."""
    statistic: float
    degrees_of_freedom: int
    p: float
    """Share of permutations of the patients in which the statistic is as large, never 0."""
    p_asymptotic: float
    """As if no patient had several cases, and none of the cells were small."""
    cramers_v: float | None
    """Of classes: 0 where the groups do not differ, 1 where the group says all."""


def chi_square(table: ArrayLike) -> float:
    """Return Pearson's statistic of a table of counts, without a correction.

    Example:
        >>> round(chi_square([[10, 20], [30, 5]]), 6)
        18.72619
    """
    counts = np.asarray(table, dtype=np.float64)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    seen = expected > 0
    return float(((counts - expected)[seen] ** 2 / expected[seen]).sum())


def association_of_classes(
    groups: ArrayLike, classes: ArrayLike, patient_ids: ArrayLike, *, n_permutations: int, seed: int
) -> Association | None:
    """Test whether the classes of cases hang on their groups; None where one of them is constant.

    Patients with equally many cases exchange the classes of all of them, so that cases of one
    patient, which are alike, are not taken for independent ones.

    Shape:
        - ``groups``, ``classes``, ``patient_ids``: ``(cases,)``.
    """
    from scipy.stats import chi2

    _, group = np.unique(np.asarray(groups), return_inverse=True)
    _, label = np.unique(np.asarray(classes), return_inverse=True)
    if group.max(initial=0) == 0 or label.max(initial=0) == 0:
        return None
    members = np.eye(group.max() + 1)[group]  # (cases, groups)
    sizes, totals = members.sum(axis=0), np.bincount(label)

    def statistics(rows: NDArray[np.int64]) -> Array:
        found = np.zeros(len(rows))
        for number, total in enumerate(totals):
            expected = sizes * total / len(label)
            found += (((label[rows] == number) @ members - expected) ** 2 / expected).sum(axis=1)
        return found

    observed, p = _permuted(statistics, patient_ids, n_permutations, seed)
    freedom = int((len(sizes) - 1) * (len(totals) - 1))
    strength = np.sqrt(observed / (len(label) * (min(len(sizes), len(totals)) - 1)))
    tail = float(chi2.sf(observed, freedom))
    return Association("chi-square", observed, freedom, p, tail, float(strength))


def association_of_numbers(
    groups: ArrayLike, numbers: ArrayLike, patient_ids: ArrayLike, *, n_permutations: int, seed: int
) -> Association | None:
    """Test whether numbers hang on the group by their ranks; None where one of them is constant.

    The statistic is that of Kruskal and Wallis, with the correction for ties; patients are permuted
    as in `association_of_classes`.
    """
    from scipy.stats import chi2, rankdata

    _, group = np.unique(np.asarray(groups), return_inverse=True)
    values = np.asarray(numbers, dtype=np.float64)
    if group.max(initial=0) == 0 or np.ptp(values) == 0:
        return None
    members = np.eye(group.max() + 1)[group]
    sizes, ranks = members.sum(axis=0), rankdata(values)
    variance = ranks.var(ddof=1)  # takes care of ties

    def statistics(rows: NDArray[np.int64]) -> Array:
        means = ranks[rows] @ members / sizes
        return np.asarray((sizes * (means - ranks.mean()) ** 2).sum(axis=1) / variance)

    observed, p = _permuted(statistics, patient_ids, n_permutations, seed)
    freedom = len(sizes) - 1
    return Association(
        "Kruskal-Wallis", observed, freedom, p, float(chi2.sf(observed, freedom)), None
    )


def _permuted(
    statistics: Statistics, patient_ids: ArrayLike, n_permutations: int, seed: int
) -> tuple[float, float]:
    """Return the statistic as it is, and the share of permutations in which it is as large."""
    blocks = _exchangeable(patient_ids)
    n_cases = sum(block.size for block in blocks)
    observed = float(statistics(np.arange(n_cases)[None])[0])
    generator = np.random.default_rng(seed)
    n_rows = max(1, _CHUNK_CELLS // max(n_cases, 1))
    as_large = 0
    for first in range(0, n_permutations, n_rows):
        size = min(n_rows, n_permutations - first)
        rows = np.empty((size, n_cases), np.int64)
        for block in blocks:  # (patients, cases of each)
            order = generator.permuted(np.tile(np.arange(len(block)), (size, 1)), axis=1)
            rows[:, block.ravel()] = block[order].reshape(size, -1)
        as_large += int((statistics(rows) >= observed - _ROUNDING * max(1.0, observed)).sum())
    return observed, (as_large + 1) / (n_permutations + 1)


def _exchangeable(patient_ids: ArrayLike) -> list[NDArray[np.int64]]:
    """Return the rows of the patients with one case, with two, ...: ``(patients, cases)`` each."""
    _, patient = np.unique(np.asarray(patient_ids), return_inverse=True)
    order, sizes = np.argsort(patient, kind="stable"), np.bincount(patient)
    starts = np.cumsum(sizes) - sizes
    return [order[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]
