"""What recalibration by validation parts does to the test parts: before and after."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import ndtri

from mmfeat.calibration import Temperature
from mmfeat.metrics import Bootstrap, MetricSet, bootstrap, reliability_bins
from mmfeat.metrics.calibration_alone import CalibrationAlone, ClassCalibrationAlone
from mmfeat.report.operating_points import NO_VALIDATION
from mmfeat.report.recalibrated import Recalibrators, recalibrated
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions
from mmfeat.report.view_pairs import ViewPair, by_method

RECALIBRATION_NOTE = (
    "recalibration: temperature and isotonic regression are fitted to each fold's validation part "
    "(each set of modalities by itself, where 20 validation cases have it whole) and applied to "
    "its test part; predictions of validation cases are those of models that did not learn from "
    "them."
)
BEFORE = "before"


def recalibration_block(
    pairs: Sequence[ViewPair],
    fitted: Mapping[str, Mapping[str, Recalibrators]],
    *,
    chosen: str,
    options: ResultOptions,
) -> dict[str, Any]:
    """Return the block ``recalibration`` of one target.

    Args:
        pairs: Every set of predictions of the target.
        fitted: By method, what `fit_all` fitted.
        chosen: The recalibration that predictions of new cases get.
        options: How intervals and bins are made.
    """
    if not fitted:
        return {"reason": "numbers are not recalibrated"}
    entries = [(pair, _of_pair(pair, fitted[pair.method], options)) for pair in pairs]
    return {"chosen": chosen, "methods": by_method(entries)}


def _of_pair(
    pair: ViewPair, fitted: Mapping[str, Recalibrators], options: ResultOptions
) -> dict[str, Any]:
    if not len(pair.cases):
        return {"reason": "no case with a label"}
    if not any(pair.validation.values()):
        return {"reason": NO_VALIDATION}
    shown = {BEFORE: pair.cases}
    shown |= {name: recalibrated(pair, one) for name, one in fitted.items()}
    found = bootstrap(
        _metric_sets(shown, options.bins),
        pair.cases.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    return {
        "n_validation": {
            str(fold): sum(len(one) for one in parts.values())
            for fold, parts in pair.validation.items()
        },
        **_temperatures(pair, fitted["temperature"]),
        **{name: _entry(found, name, cases, options) for name, cases in shown.items()},
    }


def _metric_sets(shown: Mapping[str, ScoredCases], bins: int) -> dict[str, MetricSet]:
    """Return the metrics of each; those of what nothing has changed are the very ones of before."""
    before = shown[BEFORE]
    of_before = _metric_set(before, bins)
    return {
        name: of_before
        if np.array_equal(cases.probabilities, before.probabilities)
        else _metric_set(cases, bins)
        for name, cases in shown.items()
    }


def _metric_set(cases: ScoredCases, bins: int) -> MetricSet:
    n_outputs = len(cases.yes_or_no)
    if cases.kind == "multiclass":
        return ClassCalibrationAlone(cases.labels.argmax(axis=1), cases.probabilities, bins=bins)
    return CalibrationAlone(
        cases.labels[:, :n_outputs],
        cases.probabilities[:, :n_outputs],
        outputs=cases.yes_or_no,
        bins=bins,
    )


def _entry(
    found: Bootstrap[str], name: str, cases: ScoredCases, options: ResultOptions
) -> dict[str, Any]:
    keys = [key for key in found.keys(name) if key.output is None]
    entry: dict[str, Any] = {
        "metrics": {key.metric: found.estimate(name, key).to_json() for key in keys}
    }
    if name != BEFORE:
        entry["minus_before"] = {
            key.metric: found.difference(name, BEFORE, key).to_json() for key in keys
        }
    entry["curve"] = {
        output: reliability_points(cases, column, options)
        for column, output in enumerate(cases.yes_or_no)
    }
    return entry


def reliability_points(
    cases: ScoredCases, column: int, options: ResultOptions
) -> list[dict[str, Any]]:
    """Return the points of the reliability curve of one output, with Wilson's intervals."""
    labels = cases.labels[:, column]
    known = ~np.isnan(labels)
    points = []
    for one in reliability_bins(
        labels[known], cases.probabilities[known, column], bins=options.bins
    ):
        low, high = wilson_interval(one.n_positive, one.n, options.confidence)
        points.append(
            {
                "predicted": one.predicted,
                "observed": one.observed,
                "low": low,
                "high": high,
                "n": one.n,
                "n_positive": one.n_positive,
            }
        )
    return points


def wilson_interval(n_positive: int, n: int, confidence: float) -> tuple[float, float]:
    """Return Wilson's interval of a share.

    Example:
        >>> [round(end, 4) for end in wilson_interval(5, 10, 0.95)]
        [0.2366, 0.7634]
    """
    z = float(ndtri(0.5 + confidence / 2))
    share, shrunk = n_positive / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrunk
    half = z / shrunk * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


def _temperatures(pair: ViewPair, fitted: Recalibrators) -> dict[str, Any]:
    """Return each fold's temperatures, where the cases share one set of modalities."""
    if pair.regime != "simulated":
        return {}
    found = {}
    for fold, of_fold in fitted.items():
        one = of_fold[pair.name]
        found[str(fold)] = list(one.temperatures) if isinstance(one, Temperature) else None
    return {"temperatures": found}
