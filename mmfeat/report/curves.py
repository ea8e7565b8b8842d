"""Curves of the first metric as something goes missing, with what they say as one number each."""

from collections.abc import Hashable, Mapping
from typing import Any, TypeVar

import numpy as np

from mmfeat.metrics import AurocAlone, Bootstrap, MetricSet, bootstrap
from mmfeat.metrics.concordance_alone import ConcordanceAlone
from mmfeat.metrics.metric_set import MetricKey
from mmfeat.metrics.robustness import area_factors, effective_factors
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions

LATE_FUSION = "average"
"""The method that effective robustness is measured against."""
Name = TypeVar("Name", bound=Hashable)
Curve = Mapping[float, ScoredCases]
"""Predictions of the same cases at each share that is missing, from 0 on."""


def headline_set(cases: ScoredCases, bins: int) -> MetricSet:
    """Return the first metric of the cases' kind, without most of the others."""
    if cases.kind == "regression":
        return cases.metric_set(bins)
    if cases.kind == "time_to_event":
        return ConcordanceAlone(cases.labels[:, -1], cases.probabilities[:, -1], folds=cases.folds)
    return AurocAlone(cases.labels, cases.probabilities, outputs=cases.outputs, folds=cases.folds)


def curves_json(
    curves: Mapping[Name, Curve],
    references: Mapping[Name, Name],
    options: ResultOptions,
) -> dict[Name, dict[str, Any]]:
    """Return points, relative and effective robustness of curves of the same cases.

    Args:
        curves: The curves; an object that is in several of them is computed once.
        references: For each curve that of late fusion, where there is one.
        options: How intervals are made.

    Returns:
        For each curve ``points``, a list of ``share``, ``metrics`` and, after the first,
        ``minus_complete``; ``relative`` and ``effective``.
    """
    distinct = {id(cases): cases for curve in curves.values() for cases in curve.values()}
    any_cases = next(iter(distinct.values()))
    found = bootstrap(
        {name: headline_set(cases, options.bins) for name, cases in distinct.items()},
        any_cases.patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    key = MetricKey(headline_of(any_cases.kind).metric)
    return {
        name: {
            "points": _points(found, key, curve),
            "relative": _relative(found, key, curve),
            "effective": _effective(found, key, curve, _reference(curves, references, name)),
        }
        for name, curve in curves.items()
    }


def same_cases(left: ScoredCases, right: ScoredCases) -> bool:
    """Say whether two sets of predictions are of the same cases."""
    return np.array_equal(left.case_ids, right.case_ids)


def _points(found: Bootstrap[int], key: MetricKey, curve: Curve) -> list[dict[str, Any]]:
    start = id(curve[0.0])
    points = []
    for share, cases in curve.items():
        estimate = found.estimate(id(cases), key).to_json()
        point: dict[str, Any] = {"share": share, "metrics": {key.metric: estimate}}
        if share:
            change = found.difference(id(cases), start, key).to_json()
            point["minus_complete"] = {key.metric: change}
        points.append(point)
    return points


def _relative(found: Bootstrap[int], key: MetricKey, curve: Curve) -> dict[str, Any]:
    factors = area_factors(list(curve))
    parts = [(id(cases), factor) for cases, factor in zip(curve.values(), factors, strict=True)]
    area = found.combination(parts, key).to_json()
    del area["p"]  # of an area of zero, which says nothing
    return area


def _effective(
    found: Bootstrap[int], key: MetricKey, curve: Curve, reference: Curve | str
) -> dict[str, Any]:
    if isinstance(reference, str):
        return {"point": None, "low": None, "high": None, "p": None, "reason": reference}
    factors = effective_factors(list(curve))
    own = [(id(cases), factor) for cases, factor in zip(curve.values(), factors, strict=True)]
    other = [
        (id(cases), -factor) for cases, factor in zip(reference.values(), factors, strict=True)
    ]
    return found.combination([*own, *other], key).to_json()


def _reference(
    curves: Mapping[Name, Curve], references: Mapping[Name, Name], name: Name
) -> Curve | str:
    """Return the curve of late fusion, or why there is none to compare with."""
    if name not in references or references[name] not in curves:
        return f"the method `{LATE_FUSION}` was not trained on these cases"
    if references[name] == name:
        return "this is the method that others are measured against"
    return curves[references[name]]
