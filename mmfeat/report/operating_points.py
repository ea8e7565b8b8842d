"""Thresholds that each fold's validation part chooses, and how its test part fares with them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfeat.metrics import MetricSet, bootstrap
from mmfeat.metrics.called_cases import CALLED_METRICS, CalledMetrics
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.threshold_rules import ThresholdRule
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions
from mmfeat.report.view_pairs import ViewPair, by_method

OPERATING_POINTS_NOTE = (
    "operating_points: each fold chooses its threshold on its validation part, on predictions of "
    "models that did not learn from it, and its test part is called by it; no test case has a part "
    "in the choice. natural: one threshold for all cases as they come."
)
NO_VALIDATION = (
    "nothing is known of validation cases: this run was trained by an earlier version; run `mmfeat "
    "train` with `--overwrite` to have thresholds and recalibration"
)

_Key = tuple[str, str]
"""An output and a rule."""


def operating_points_block(
    pairs: Sequence[ViewPair], *, rules: Sequence[str], options: ResultOptions
) -> dict[str, Any]:
    """Return the block ``operating_points`` of one target.

    Args:
        pairs: Every set of predictions of the target.
        rules: Names of rules for thresholds.
        options: How intervals are made.
    """
    if not rules:
        return {"reason": "switched off by eval.operating_points"}
    if not pairs or pairs[0].kind == "regression":
        return {"reason": "a number is not called positive or negative"}
    chosen = [ThresholdRule.of(name) for name in rules]
    return {
        "rules": [{"name": rule.name, "words": rule.words} for rule in chosen],
        "methods": by_method([(pair, _of_pair(pair, chosen, options)) for pair in pairs]),
    }


def _of_pair(
    pair: ViewPair, rules: Sequence[ThresholdRule], options: ResultOptions
) -> dict[str, Any]:
    cases = pair.cases
    if not len(cases):
        return {"reason": "no case with a label"}
    if not any(pair.validation.values()):
        return {"reason": NO_VALIDATION}
    folds = np.unique(cases.folds).tolist()
    validation = {fold: pair.validation_cases(fold) for fold in folds}
    thresholds: dict[_Key, dict[int, float | None]] = {
        (output, rule.name): {fold: _threshold(rule, validation[fold], column) for fold in folds}
        for column, output in enumerate(cases.yes_or_no)
        for rule in rules
    }
    sets = {
        (output, name): CalledMetrics(
            cases.labels[:, cases.outputs.index(output)],
            _called(cases, cases.outputs.index(output), of_folds),
        )
        for (output, name), of_folds in thresholds.items()
    }
    if cases.kind == "multiclass":
        sets |= {(output, ""): _most_probable(cases, k) for k, output in enumerate(cases.outputs)}
    estimates = _estimates(sets, cases, options)
    outputs: dict[str, Any] = {}
    for (output, name), of_folds in thresholds.items():
        points = outputs.setdefault(output, {"points": {}})["points"]
        points[name] = _point(sets[output, name], of_folds, estimates[output, name])
    found: dict[str, Any] = {"outputs": outputs}
    if cases.kind == "multiclass":
        found["confusion"] = _confusion(cases, estimates)
    return found


def _threshold(rule: ThresholdRule, validation: ScoredCases | None, column: int) -> float | None:
    if validation is None:
        return None
    labels = validation.labels[:, column]
    known = ~np.isnan(labels)
    return rule.choose(labels[known], validation.probabilities[known, column])


def _called(
    cases: ScoredCases, column: int, thresholds: Mapping[int, float | None]
) -> NDArray[np.float64]:
    """Call each case by the threshold of its fold: 1 or 0, NaN where there is none."""
    of_case = np.full(len(cases), np.nan)
    for fold, threshold in thresholds.items():
        if threshold is not None:
            of_case[cases.folds == fold] = threshold
    called = (cases.probabilities[:, column] >= of_case).astype(np.float64)
    called[np.isnan(of_case)] = np.nan
    return called


def _point(
    metrics: CalledMetrics, thresholds: Mapping[int, float | None], estimates: dict[str, Any]
) -> dict[str, Any]:
    lacking = [str(fold) for fold, threshold in thresholds.items() if threshold is None]
    if len(lacking) == len(thresholds):
        return {"reason": "no validation part has both positive and negative cases"}
    left_out = f"without fold {', '.join(lacking)}: no threshold, one class in validation"
    n, n_positive = metrics.counts(MetricKey("f1"))
    return {
        "thresholds": {str(fold): threshold for fold, threshold in thresholds.items()},
        "n": n,
        "n_positive": n_positive,
        **metrics.confusion,
        **estimates,
        "reason": left_out if lacking else None,
    }


def _estimates(
    sets: Mapping[_Key, CalledMetrics], cases: ScoredCases, options: ResultOptions
) -> dict[_Key, dict[str, Any]]:
    known: dict[_Key, MetricSet] = {key: one for key, one in sets.items() if one.n_counted}
    found = bootstrap(
        known,
        cases.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    return {
        key: {name: found.estimate(key, MetricKey(name)).to_json() for name in CALLED_METRICS}
        if key in known
        else {}
        for key in sets
    }


def _most_probable(cases: ScoredCases, column: int) -> CalledMetrics:
    """Call the most probable class of each case, seen as one class against the rest."""
    called = cases.probabilities.argmax(axis=1) == column
    return CalledMetrics(cases.labels[:, column], called)


def _confusion(cases: ScoredCases, estimates: Mapping[_Key, dict[str, Any]]) -> dict[str, Any]:
    """Return how often each true class (row) is taken for each class (column)."""
    true, called = cases.labels.argmax(axis=1), cases.probabilities.argmax(axis=1)
    counts = np.zeros((len(cases.outputs), len(cases.outputs)), dtype=np.int64)
    np.add.at(counts, (true, called), 1)
    return {
        "classes": list(cases.outputs),
        "counts": counts.tolist(),
        "by_class": {output: estimates[output, ""] for output in cases.outputs},
    }
