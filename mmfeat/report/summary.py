"""The results of one set of predictions as plain values: counts, metrics with intervals, folds."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import Bootstrap, bootstrap
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.report.delong_results import delong_json
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class ResultOptions:
    """Say how intervals and calibration errors are made."""

    n_resamples: int = 2000
    confidence: float = 0.95
    bins: int = 10
    seed: int = 0


def summarise(cases: ScoredCases, options: ResultOptions) -> dict[str, Any]:
    """Return counts, every metric with its interval, and the first one of them by fold."""
    labelled, is_binary = cases.labelled(), cases.kind == "binary"
    found = bootstrap(
        {"cases": labelled.metric_set(options.bins)},
        labelled.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    return {
        **counts(labelled),
        "n_without_label": len(cases) - len(labelled),
        **metrics_json(found, "cases"),
        f"{headline_of(cases.kind).metric}_by_fold": by_fold(labelled, options.bins),
        **({"auroc_delong": delong_json(labelled, options.confidence)} if is_binary else {}),
    }


def counts(labelled: ScoredCases) -> dict[str, Any]:
    """Return how many cases, patients and positive labels there are; of a number, its range."""
    if labelled.kind == "regression":
        return {**_sizes(labelled), **_spread(labelled.labels[:, 0])}
    if labelled.kind == "time_to_event":
        at_horizons = counts(labelled.at_horizons())
        return {**at_horizons, "n_events": int((labelled.labels[:, -1] >= 0).sum())}
    known = (~np.isnan(labelled.labels)).sum(axis=0)
    positive = (labelled.labels == 1).sum(axis=0)
    shares = [float(k / n) if n else None for k, n in zip(positive, known, strict=True)]
    if labelled.kind == "binary":
        of_outputs: dict[str, Any] = {"n_positive": int(positive[0]), "prevalence": shares[0]}
    else:
        of_outputs = {
            "n_positive": dict(zip(labelled.outputs, map(int, positive), strict=True)),
            "prevalence": dict(zip(labelled.outputs, shares, strict=True)),
        }
    return {**_sizes(labelled), **of_outputs}


def _sizes(labelled: ScoredCases) -> dict[str, Any]:
    return {"n": len(labelled), "n_patients": len(set(labelled.patient_ids))}


def _spread(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return mean, standard deviation, smallest and largest; None without values."""
    if not len(values):
        return dict.fromkeys(("mean", "sd", "lowest", "highest"))
    found = {"mean": values.mean(), "sd": values.std(), "lowest": values.min()}
    return {name: float(value) for name, value in {**found, "highest": values.max()}.items()}


def metrics_json(found: Bootstrap[Name], name: Name) -> dict[str, Any]:
    """Return all estimates of one set: of the target, and of its outputs where it has several."""
    whole: dict[str, Any] = {}
    outputs: dict[str, dict[str, Any]] = {}
    for key in found.keys(name):
        place = whole if key.output is None else outputs.setdefault(key.output, {})
        place[key.metric] = found.estimate(name, key).to_json()
    return {"metrics": whole} | ({"outputs": outputs} if outputs else {})


def by_fold(labelled: ScoredCases, bins: int) -> dict[str, Any]:
    """Return the first metric of each test part, and mean and deviation of the defined ones."""
    headline = MetricKey(headline_of(labelled.kind).metric)
    values: dict[str, float | None] = {}
    for fold in np.unique(labelled.folds):
        part = labelled.take(labelled.folds == fold)
        value = part.metric_set(bins)(np.ones((1, len(part))))[headline][0]
        values[str(fold)] = None if np.isnan(value) else float(value)
    defined = [value for value in values.values() if value is not None]
    return {
        "folds": values,
        "mean": float(np.mean(defined)) if defined else None,
        "sd": float(np.std(defined, ddof=1)) if len(defined) > 1 else None,
        "n_undefined": len(values) - len(defined),
    }
