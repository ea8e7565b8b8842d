"""Divide training cases by patient, so that a choice is judged on patients it has not seen."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

N_INNER_FOLDS = 5


def inner_folds(
    patient_ids: Sequence[str],
    labels: NDArray[np.float64],
    *,
    n_folds: int = N_INNER_FOLDS,
    seed: int = 0,
) -> NDArray[np.int64]:
    """Give each case the number of its inner fold; patients stay whole, classes are spread evenly.

    Patients are shuffled, ordered by their highest label (for several labels, by the set of
    findings), and dealt out in turn. With fewer patients than folds there are as many folds as
    patients.

    Shape:
        - ``labels``: ``(cases, columns)``, NaN where missing.
        - Output: ``(cases,)``, from 0 to ``n_folds - 1``.

    Example:
        >>> labels = np.array([[1.0], [0], [0], [1]])
        >>> inner_folds(["a", "a", "b", "c"], labels, n_folds=2).tolist()
        [1, 1, 0, 0]
    """
    if n_folds < 2:
        raise ValueError(f"n_folds must be 2 or more, got {n_folds}")
    patients, patient_of = np.unique(np.asarray(patient_ids), return_inverse=True)
    highest = np.full((len(patients), labels.shape[1]), -1.0)
    np.maximum.at(highest, patient_of, np.nan_to_num(labels, nan=-1.0))
    shuffled = np.random.default_rng(seed).permutation(len(patients))
    order = shuffled[np.lexsort(highest[shuffled].T)]
    fold_of_patient = np.empty(len(patients), dtype=np.int64)
    fold_of_patient[order] = np.arange(len(patients)) % n_folds
    return fold_of_patient[patient_of]
