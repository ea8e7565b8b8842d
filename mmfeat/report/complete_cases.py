"""Fair comparisons: every method and availability on the same cases, those that have everything."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mmfeat.errors import EvalError
from mmfeat.metrics import BinaryMetrics, Bootstrap, MetricSet, bootstrap
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.report.headline import headline_of
from mmfeat.report.paired_tests import PairedTests, adjusted
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions, counts, metrics_json
from mmfeat.report.verdict import no_verdict, verdict_of

BASELINES = ("logistic", "average")
"""Methods against which every other method is compared, where they were trained."""
_TRUE_RISK = ("true risk", "")

Key = tuple[str, str]
"""A method and an availability."""


def compare_complete_cases(
    simulated: Mapping[Key, ScoredCases],
    *,
    methods: Sequence[str],
    availabilities: Sequence[str],
    modalities: Sequence[str],
    options: ResultOptions,
    true_risk: Mapping[str, float] | None,
) -> dict[str, Any]:
    """Return the blocks ``complete_cases``, ``ceiling`` and ``verdict`` of one target.

    Args:
        simulated: Predictions of one target with forced availability.
        methods: Methods in order; the first is the default method.
        availabilities: All availabilities in order.
        modalities: All modalities in order.
        options: How intervals are made.
        true_risk: True probability of each case, where it is known.
    """
    full = "+".join(modalities)
    reference = simulated.get((methods[0], full))
    if reference is None or not len(reference.labelled()):
        reason = f"no case of a test part has a label and all of {', '.join(modalities)}"
        empty = {"complete_cases": {"n": 0, "reason": reason}, "ceiling": None}
        return {**empty, "verdict": no_verdict(reason)}
    cases = reference.labelled()
    keys = [
        (method, name)
        for method in methods
        for name in availabilities
        if (method, name) in simulated
    ]
    compared = {key: _only(simulated[key], cases, key) for key in keys}
    sets: dict[Key, MetricSet] = {
        key: one.metric_set(options.bins) for key, one in compared.items()
    }
    if true_risk is not None:
        sets[_TRUE_RISK] = _risk_metrics(cases, true_risk, options.bins)
    found = bootstrap(
        sets,
        cases.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    by_method: dict[str, dict[str, Any]] = {}
    for method, name in keys:
        by_method.setdefault(method, {})[name] = metrics_json(found, (method, name))
    tests = PairedTests(compared, found, options)
    headline = headline_of(cases.kind).metric
    return {
        "complete_cases": {
            **counts(cases),
            "methods": by_method,
            "differences": _differences(
                found, tests, keys=keys, methods=methods, modalities=modalities
            ),
        },
        "ceiling": _ceiling(found, (methods[0], full), true_risk),
        "verdict": verdict_of(
            tests,
            {(method, name): by_method[method][name]["metrics"][headline] for method, name in keys},
            fused=(methods[0], full),
            modalities=modalities,
            kind=cases.kind,
        ),
    }


def _only(scored: ScoredCases, wanted: ScoredCases, key: Key) -> ScoredCases:
    """Return the predictions of the wanted cases, in their order."""
    rows = np.searchsorted(scored.case_ids, wanted.case_ids)
    rows = np.minimum(rows, len(scored) - 1)
    lacking = wanted.case_ids[scored.case_ids[rows] != wanted.case_ids]
    if len(lacking):
        raise EvalError(
            f"method `{key[0]}` has no prediction with `{key[1]}` for {len(lacking)} cases "
            f"that other methods predict (first `{lacking[0]}`); "
            "run `mmfeat train` to finish all methods"
        )
    return scored.take(rows)


def _risk_metrics(cases: ScoredCases, true_risk: Mapping[str, float], bins: int) -> MetricSet:
    lacking = [name for name in cases.case_ids if name not in true_risk]
    if lacking:
        raise EvalError(
            f"eval.true_risk: no row for {len(lacking)} cases that are predicted (first "
            f"`{lacking[0]}`); add them, or remove the setting"
        )
    risks = [true_risk[name] for name in cases.case_ids]
    return BinaryMetrics(cases.labels[:, 0], risks, folds=cases.folds, bins=bins)


def _differences(
    found: Bootstrap[Key],
    tests: PairedTests[Key],
    *,
    keys: Sequence[Key],
    methods: Sequence[str],
    modalities: Sequence[str],
) -> list[dict[str, Any]]:
    """Return two families of comparisons, each with its p-values adjusted for their number."""
    full = "+".join(modalities)
    unimodal = [name for name in modalities if name != full]
    families = {
        "modalities": [((method, full), (method, name)) for method in methods for name in unimodal],
        "methods": [
            ((method, name), (baseline, name))
            for method in methods
            if method not in BASELINES
            for baseline in BASELINES
            for name in dict.fromkeys(name for _, name in keys)
        ],
    }
    differences = []
    for family, wanted in families.items():
        pairs = [(left, right) for left, right in wanted if left in keys and right in keys]
        of_family = adjusted([tests.of(left, right) for left, right in pairs], family)
        differences += [
            {**_difference(found, left, right), "tests": of_pair}
            for (left, right), of_pair in zip(pairs, of_family, strict=True)
        ]
    return differences


def _difference(found: Bootstrap[Key], left: Key, right: Key) -> dict[str, Any]:
    return {
        "method": left[0],
        "availability": left[1],
        "minus_method": right[0],
        "minus_availability": right[1],
        "metrics": {
            key.metric: found.difference(left, right, key).to_json()
            for key in found.keys(left)
            if key.output is None
        },
    }


def _ceiling(
    found: Bootstrap[Key], model: Key, true_risk: Mapping[str, float] | None
) -> dict[str, Any] | None:
    if true_risk is None:
        return None
    auroc = MetricKey("auroc")
    return {
        "auroc": found.estimate(_TRUE_RISK, auroc).to_json(),
        "above_model": found.difference(_TRUE_RISK, model, auroc).to_json(),
        "method": model[0],
        "availability": model[1],
    }
