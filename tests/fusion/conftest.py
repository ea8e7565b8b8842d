from collections.abc import Callable

import numpy as np
import pytest

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.task import Task


def _labels(kind: str, scores: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, int]:
    if kind == "binary":
        return (random.random(len(scores)) < 1 / (1 + np.exp(-scores))).astype(float)[:, None], 1
    if kind == "multiclass":
        noisy = scores + random.logistic(size=len(scores))
        return np.digitize(noisy, [-1.0, 1.0]).astype(float)[:, None], 3
    labels = (random.random((len(scores), 2)) < 1 / (1 + np.exp(-scores))[:, None]).astype(float)
    labels[random.random(labels.shape) < 0.2] = np.nan
    return labels, 2


@pytest.fixture(scope="session")
def made_fold() -> Callable[..., tuple[FoldData, np.ndarray]]:
    """A function that makes up a fold with signal in every modality, and its test rows."""

    def make(
        n_cases=160, widths=(6, 3), kind="binary", seed=0, missing=0.25, signal=2.0
    ) -> tuple[FoldData, np.ndarray]:
        random = np.random.default_rng(seed)
        patients = random.integers(n_cases, size=n_cases)
        features = {
            f"m{m}": random.standard_normal((n_cases, width)).astype(np.float32)
            for m, width in enumerate(widths)
        }
        labels, n_outputs = _labels(kind, signal * sum(f[:, 0] for f in features.values()), random)
        present = random.random((n_cases, len(widths))) >= missing
        present[~present.any(axis=1), 0] = True
        for position, values in enumerate(features.values()):
            values[~present[:, position]] = 0.0
        part = random.choice(5, p=(0.2, 0.2, 0.2, 0.2, 0.2), size=n_cases)[patients]
        train, val, test = (np.flatnonzero(np.isin(part, p)) for p in ((0, 1, 2), (3,), (4,)))
        names = tuple(f"patient-{number}" for number in patients)
        return FoldData(
            features, present, labels, Task.single(kind, n_outputs), names, train, val
        ), test

    return make
