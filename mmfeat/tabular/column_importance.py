"""How much each column of a record tells of labels by itself."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def column_importance(
    encoded: NDArray[np.float32], column_of: NDArray[np.int64], labels: Array
) -> Array:
    """Return the share of the labels' variance that each column explains alone, adjusted: R2.

    It is that of a least-squares fit on all encoded columns of the record's column, flags of
    unknown cells too, so that a column counts for what its gaps tell as well. It is adjusted for
    the number of encoded columns (Ezekiel 1930), so a column that tells nothing has about 0, or
    less. Of several labels it is the mean; one that does not vary, or is known in too few cases, is
    left out.

    Shape:
        - ``encoded``: ``(cases, width)``; ``column_of``: ``(width,)``, the place of the record's
          column that each is of.
        - ``labels``: ``(cases, labels)``, NaN where unknown.
        - Output: ``(columns,)``; 0 where nothing can be said.

    Example:
        >>> encoded = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [0, 1]], np.float32)
        >>> labels = np.array([[0.0], [1.0], [0.0], [1.0], [0.0]])
        >>> column_importance(encoded, np.array([0, 1]), labels).round(3).tolist()
        [1.0, -0.296]
    """
    if encoded.shape[1:] != column_of.shape or len(encoded) != len(labels):
        raise ValueError(
            f"encoded {encoded.shape}, column_of {column_of.shape} and labels {labels.shape} do "
            "not fit"
        )
    n_columns = int(column_of.max(initial=-1)) + 1
    found = []
    for label in labels.T:
        rows = np.flatnonzero(~np.isnan(label))
        if len(rows) > 2 and np.ptp(label[rows]) > 0:
            values = encoded[rows].astype(np.float64)
            of_label = [
                _adjusted_r2(values[:, column_of == column], label[rows])
                for column in range(n_columns)
            ]
            found.append(of_label)
    return np.mean(found, axis=0) if found else np.zeros(n_columns)


def _adjusted_r2(values: Array, label: Array) -> float:
    centred, truth = values - values.mean(axis=0), label - label.mean()
    coefficients, _, rank, _ = np.linalg.lstsq(centred, truth, rcond=None)
    left = len(label) - 1 - int(rank)
    if not rank or left < 1:
        return 0.0
    residual = truth - centred @ coefficients
    unexplained = float(residual @ residual) / float(truth @ truth)
    return 1.0 - unexplained * (len(label) - 1) / left
