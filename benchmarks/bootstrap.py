"""Patient-level bootstrap of all binary metrics, against a loop over scikit-learn's functions."""

import argparse
import time

import numpy as np
from bench_row import BenchRow
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    balanced_accuracy_score,
    brier_score_loss,
    log_loss,
    roc_auc_score,
)

from mmfeat.metrics import BinaryMetrics, bootstrap

LOOPED = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--resamples", type=int, default=2_000)
    options = parser.parse_args()
    ours_s, loop_s = seconds(options.cases, options.resamples)
    print(
        f"{options.resamples} resamples, {options.cases} cases, all metrics: {ours_s:.1f} s; "
        f"a loop over scikit-learn would take {loop_s:.0f} s: {loop_s / ours_s:.1f} times as long"
    )


def rows(n_cases: int = 25_000, n_resamples: int = 2_000) -> list[BenchRow]:
    """Seconds of a bootstrap, which are to be seconds, and not minutes."""
    ours_s, loop_s = seconds(n_cases, n_resamples)
    what = f"all binary metrics, {n_resamples:,} resamples of {n_cases:,} cases"
    beside = f"a loop over scikit-learn, from {LOOPED} of them: {loop_s:.0f} s"
    return [
        BenchRow(what, f"{ours_s:.1f} s", "", ours_s, means="s", limit=10, sense="at most"),
        BenchRow(what, f"{ours_s:.1f} s", beside, loop_s / ours_s),
    ]


def seconds(n: int, n_resamples: int) -> tuple[float, float]:
    """Time our bootstrap, and work out from a few resamples what the loop would take."""
    generator = np.random.default_rng(0)
    patients = generator.integers(int(0.8 * n), size=n)
    logits = generator.normal(-2, 1, size=n)
    labels = (generator.random(n) < 1 / (1 + np.exp(-logits))).astype(float)
    probabilities = 1 / (1 + np.exp(-(logits + generator.normal(0, 0.7, size=n))))

    start = time.perf_counter()
    metrics = BinaryMetrics(labels, probabilities)
    bootstrap({"model": metrics}, patients, n_resamples=n_resamples, confidence=0.95, seed=0)
    ours_s = time.perf_counter() - start

    start = time.perf_counter()
    sklearn_loop(labels, probabilities, patients, generator)
    return ours_s, (time.perf_counter() - start) / LOOPED * n_resamples


def sklearn_loop(
    labels: np.ndarray,
    probabilities: np.ndarray,
    patients: np.ndarray,
    generator: np.random.Generator,
) -> None:
    """The same metrics (calibration error aside) on a few resamples, as most people write it."""
    _, index = np.unique(patients, return_inverse=True)
    rows_of = np.split(np.argsort(index, kind="stable"), np.cumsum(np.bincount(index))[:-1])
    for _ in range(LOOPED):
        drawn = generator.integers(len(rows_of), size=len(rows_of))
        rows = np.concatenate([rows_of[patient] for patient in drawn])
        y, p = labels[rows], probabilities[rows]
        roc_auc_score(y, p)
        average_precision_score(y, p)
        brier_score_loss(y, p)
        log_loss(y, p)
        balanced_accuracy_score(y, p >= 0.5)
        logits = np.log(p / (1 - p))[:, None]
        LogisticRegression(C=np.inf).fit(logits, y)


if __name__ == "__main__":
    main()
