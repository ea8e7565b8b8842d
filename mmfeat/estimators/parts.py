"""Training and validation parts of the rows of a classifier."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

Rows = NDArray[np.int64]


def cross_fitted_parts(
    labels: NDArray[np.int64], groups: Sequence[str], *, n_folds: int, seed: int
) -> list[tuple[Rows, Rows]]:
    """Return training and validation rows so that each row is in one validation part.

    Rows of a group stay together, and classes are spread evenly. Where a class has fewer groups
    than folds there are fewer folds, two at least.

    Args:
        labels: ``(rows,)``, the class of each.
        groups: Which rows belong together.
        n_folds: How many parts.
        seed: Of the division.

    Raises:
        ValueError: There are not two groups.
    """
    names, numbers = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    if len(names) < 2:
        raise ValueError("cannot divide 1 sample, or 1 group, into training and validation part")
    in_class = [len(np.unique(numbers[labels == one])) for one in np.unique(labels)]
    n_parts = max(2, min(n_folds, min(in_class)))
    if min(in_class) < 2:  # spread by size alone: a class of one cannot be on both sides
        labels = np.zeros_like(labels)
    folds = StratifiedGroupKFold(n_parts, shuffle=True, random_state=seed)
    return [
        (train.astype(np.int64), val.astype(np.int64))
        for train, val in folds.split(np.zeros(len(labels)), labels, numbers)
    ]


def single_part(
    labels: NDArray[np.int64], groups: Sequence[str], *, val_share: float, seed: int
) -> tuple[Rows, Rows]:
    """Return one training and one validation part; see `cross_fitted_parts`.

    Args:
        labels: ``(rows,)``, the class of each.
        groups: Which rows belong together.
        val_share: Share of the rows that the validation part is to have, about.
        seed: Of the division.
    """
    n_folds = max(2, round(1 / val_share))
    return cross_fitted_parts(labels, groups, n_folds=n_folds, seed=seed)[0]
