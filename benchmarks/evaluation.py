"""All metrics of each kind of target on 2,000 patient-level resamples: seconds of one core."""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
from bench_row import BenchRow

from mmfeat.metrics import (
    BinaryMetrics,
    MetricSet,
    MulticlassMetrics,
    MultilabelMetrics,
    RegressionMetrics,
    SurvivalMetrics,
    bootstrap,
)
from mmfeat.metrics.calibration_alone import CalibrationAlone
from mmfeat.metrics.called_cases import CalledMetrics
from mmfeat.metrics.net_benefit import NetBenefit
from mmfeat.report.decision_curve import THRESHOLDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=25_000)
    parser.add_argument("--resamples", type=int, default=2_000)
    options = parser.parse_args()
    print(f"{options.resamples} resamples of {options.cases} cases")
    for name, n_metrics, seconds in measured(options.cases, options.resamples):
        print(f"  {name:24s} {n_metrics:3d} metrics {seconds:7.2f} s")


def rows(n_cases: int = 25_000, n_resamples: int = 2_000) -> list[BenchRow]:
    """Core-seconds of the bootstraps of every kind of target, together."""
    found = list(measured(n_cases, n_resamples))
    n_metrics, seconds = sum(one[1] for one in found), sum(one[2] for one in found)
    slowest = max(found, key=lambda one: one[2])
    return [
        BenchRow(
            f"{n_metrics} metrics of all kinds of targets, {n_resamples:,} resamples of "
            f"{n_cases:,} cases",
            f"{seconds:.1f} core-s",
            f"the slowest, {slowest[0]}: {slowest[2]:.1f} core-s",
        )
    ]


def measured(n_cases: int, n_resamples: int) -> Iterator[tuple[str, int, float]]:
    """Give for each set of metrics its name, how many it has, and the seconds of a core."""
    patients, sets = made_sets(n_cases)
    for name, make in sets.items():
        start = time.process_time()
        found = bootstrap(
            {name: make()}, patients, n_resamples=n_resamples, confidence=0.95, seed=0
        )
        yield name, len(found.keys(name)), time.process_time() - start


def made_sets(n: int) -> tuple[np.ndarray, dict[str, Callable[[], MetricSet]]]:
    """Make up patients and what makes each set of metrics."""
    generator = np.random.default_rng(0)
    patients = generator.integers(int(0.8 * n), size=n)
    folds = patients % 5
    logits = generator.normal(-2, 1, size=n)
    labels = (generator.random(n) < 1 / (1 + np.exp(-logits))).astype(float)
    values = 1 / (1 + np.exp(-(logits + generator.normal(0, 0.7, size=n))))
    classes = generator.dirichlet(np.ones(3), size=n)
    truth = (classes.cumsum(axis=1) > generator.random((n, 1))).argmax(axis=1)
    three = np.stack([values, values**0.9, values**1.1], axis=1)
    times = generator.exponential(np.exp(-logits / 2))
    ended = generator.exponential(6.0, size=n)
    signed = np.where(times <= ended, times, -ended)
    horizons = np.quantile(np.abs(signed), [0.25, 0.5])
    status = np.where(
        (signed[:, None] >= 0) & (signed[:, None] <= horizons),
        1.0,
        np.where(np.abs(signed)[:, None] >= horizons, 0.0, np.nan),
    )
    return patients, {
        "binary": lambda: BinaryMetrics(labels, values, folds=folds),
        "multiclass, 3 classes": lambda: MulticlassMetrics(
            truth, classes, classes=list("abc"), folds=folds
        ),
        "multilabel, 3 labels": lambda: MultilabelMetrics(
            np.tile(labels[:, None], 3), three, names=list("abc"), folds=folds
        ),
        "regression": lambda: RegressionMetrics(logits, values, folds=folds),
        "time, 2 horizons": lambda: SurvivalMetrics(
            signed,
            values,
            status=status,
            by_horizon=three[:, :2],
            names=[f"by {horizon:g}" for horizon in horizons],
            folds=folds,
        ),
        "calibration alone": lambda: CalibrationAlone(
            labels[:, None], values[:, None], outputs=["1"]
        ),
        "calls at a threshold": lambda: CalledMetrics(labels, values >= 0.2),
        "net benefit": lambda: NetBenefit(labels, values, thresholds=THRESHOLDS),
    }


if __name__ == "__main__":
    main()
