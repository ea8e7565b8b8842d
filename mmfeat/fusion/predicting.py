"""Predict cases whose features are not all in memory."""

import numpy as np
from numpy.typing import NDArray

from mmfeat.fusion.contract import Features, Head, Sets
from mmfeat.tabular.stored_vectors import blocks_of

_CASES_AT_ONCE = 8192


def predict_in_parts(
    head: Head, features: Features, visible: NDArray[np.bool_], sets: Sets | None = None
) -> NDArray[np.float64]:
    """Return what ``head.predict`` does; features that are in files are read a part at a time."""
    if all(isinstance(values, np.ndarray) for values in features.values()):
        return head.predict(features, visible, sets)
    answers = []
    for rows in blocks_of(len(visible), _CASES_AT_ONCE):
        part = {name: values[rows] for name, values in features.items()}
        numbers = np.arange(rows.start, rows.stop)
        of_rows = None if sets is None else {n: s.of_cases(numbers) for n, s in sets.items()}
        answers.append(head.predict(part, visible[rows], of_rows))
    return np.concatenate(answers)
