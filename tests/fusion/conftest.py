from collections.abc import Callable

import numpy as np
import pytest

from mmfeat.fusion.contract import FoldData
from mmfeat.fusion.task import Task, TaskPart
from mmfeat.tabular.scan_set import ScanSet


def _labels(kind: str, scores: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, int]:
    if kind == "binary":
        return (random.random(len(scores)) < 1 / (1 + np.exp(-scores))).astype(float)[:, None], 1
    if kind == "multiclass":
        noisy = scores + random.logistic(size=len(scores))
        return np.digitize(noisy, [-1.0, 1.0]).astype(float)[:, None], 3
    if kind == "regression":
        values = scores + random.standard_normal(len(scores))
        return ((values - values.mean()) / values.std())[:, None], 1
    labels = (random.random((len(scores), 2)) < 1 / (1 + np.exp(-scores))[:, None]).astype(float)
    labels[random.random(labels.shape) < 0.2] = np.nan
    return labels, 2


def _tokens(vectors: np.ndarray, present: np.ndarray, random: np.random.Generator) -> ScanSet:
    """Make one to three tokens of each case that has the modality; they differ by noise."""
    counts = np.where(present, random.integers(1, 4, size=len(vectors)), 0)
    tokens = np.repeat(vectors, counts, axis=0)
    tokens += 0.3 * random.standard_normal(tokens.shape).astype(np.float32)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return ScanSet(tokens, offsets, np.full(len(tokens), np.nan))


@pytest.fixture(scope="session")
def made_fold() -> Callable[..., tuple[FoldData, np.ndarray]]:
    """A function that makes up a fold with signal in every modality, and its test rows.

    The first modality has tokens, too; of several, the last one is a record.
    """

    def make(
        n_cases=160, widths=(6, 3), kind="binary", seed=0, missing=0.25, signal=2.0
    ) -> tuple[FoldData, np.ndarray]:
        random = np.random.default_rng(seed)
        patients = random.integers(n_cases, size=n_cases)
        features = {
            f"m{m}": random.standard_normal((n_cases, width)).astype(np.float32)
            for m, width in enumerate(widths)
        }
        scores = signal * sum(f[:, 0] for f in features.values())
        if kind == "several":
            (classes, n_classes), (values, _) = (
                _labels(one, scores, random) for one in ("multiclass", "regression")
            )
            labels = np.hstack([classes, values])
            task = Task((TaskPart("multiclass", n_classes), TaskPart("regression", 1, weight=0.5)))
        else:
            labels, n_outputs = _labels(kind, scores, random)
            task = Task.single(kind, n_outputs)
        present = random.random((n_cases, len(widths))) >= missing
        present[~present.any(axis=1), 0] = True
        for position, values in enumerate(features.values()):
            values[~present[:, position]] = 0.0
        part = random.choice(5, p=(0.2, 0.2, 0.2, 0.2, 0.2), size=n_cases)[patients]
        train, val, test = (np.flatnonzero(np.isin(part, p)) for p in ((0, 1, 2), (3,), (4,)))
        names = tuple(f"patient-{number}" for number in patients)
        return FoldData(
            features,
            present,
            labels,
            task,
            names,
            train,
            val,
            sets={"m0": _tokens(features["m0"], present[:, 0], random)},
            records=frozenset([*features][1:][-1:]),
        ), test

    return make
