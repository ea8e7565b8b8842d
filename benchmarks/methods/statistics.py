"""Means over repeated cross-validation, and intervals that know that the folds overlap."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import t as student

from benchmarks.methods.folds import N_FOLDS

_TEST_TO_TRAIN = 1 / (N_FOLDS - 1)
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """Hold a mean over folds and its interval."""

    mean: float
    low: float
    high: float
    n_folds: int


def estimate(values: ArrayLike) -> Estimate:
    """Return the mean and its interval, with the variance as Nadeau and Bengio correct it.

    Training parts of repeated cross-validation overlap, so the plain standard error is too small:
    1 / folds becomes 1 / folds + test / train (Machine Learning 52, 2003, 239-281). NaN is left
    out.

    Example:
        >>> estimate([0.1, 0.1, 0.1, 0.1, 0.1])
        Estimate(mean=0.1, low=0.1, high=0.1, n_folds=5)
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) < 2:
        mean = float(known.mean()) if len(known) else float("nan")
        return Estimate(mean, float("nan"), float("nan"), len(known))
    error = np.sqrt(known.var(ddof=1) * (1 / len(known) + _TEST_TO_TRAIN))
    half = float(student.ppf((1 + CONFIDENCE) / 2, len(known) - 1) * error)
    mean = float(known.mean())
    return Estimate(mean, mean - half, mean + half, len(known))


def by_fold(results: pd.DataFrame, metric: str = "auroc") -> pd.DataFrame:
    """Return a row for each cohort, availability and fold, and a column for each method."""
    return results.pivot_table(
        index=["cohort", "availability", "repeat", "fold"], columns="method", values=metric
    )


def estimates(results: pd.DataFrame, metric: str = "auroc") -> pd.DataFrame:
    """Return the mean and interval of each cohort, availability and method."""
    table = by_fold(results, metric)
    return _estimated(table, {method: table[method] for method in table})


def differences(
    results: pd.DataFrame, method: str, others: list[str], metric: str = "auroc"
) -> pd.DataFrame:
    """Return the paired differences of a method to others, in the folds that both have."""
    table = by_fold(results, metric)
    there = [other for other in others if other in table]
    return _estimated(table, {other: table[method] - table[other] for other in there})


def _estimated(table: pd.DataFrame, columns: dict[str, pd.Series]) -> pd.DataFrame:
    rows = []
    for (cohort, availability), part in table.groupby(level=["cohort", "availability"], sort=False):
        for name, values in columns.items():
            found = estimate(values.loc[part.index])
            if found.n_folds:
                rows.append(
                    {"cohort": cohort, "availability": availability, "method": name} | vars(found)
                )
    return pd.DataFrame(rows)
