"""Predictions of the same cases by several methods and availabilities, as good as one wants."""

import numpy as np

from mmfeat.report.scored_cases import ScoredCases

N_CASES = 160


def scored_sets(noise, *, n_cases=N_CASES, kind="binary", seed=0, folds=4):
    """Return predictions by method and availability, each with its own noise.

    Args:
        noise: For each key the standard deviation of what is added to the truth.
        n_cases: Number of cases, one of each patient.
        kind: ``binary`` or ``regression``.
        seed: Of truth and noise.
        folds: Number of test parts.
    """
    random = np.random.default_rng(seed)
    truth = random.normal(size=n_cases)
    labels = (truth > 0.3).astype(float) if kind == "binary" else truth
    names = np.array([f"case-{number:03d}" for number in range(n_cases)], dtype=object)
    found = {}
    for key, size in noise.items():
        scores = truth + size * random.normal(size=n_cases)
        values = 1 / (1 + np.exp(-scores)) if kind == "binary" else scores
        found[key] = ScoredCases(
            kind,
            ("1",),
            names,
            names,
            np.arange(n_cases) % folds,
            values[:, None],
            labels[:, None],
        )
    return found
