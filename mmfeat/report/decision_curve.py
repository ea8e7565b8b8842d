"""Decision curves: is acting on a prediction worth more than treating everybody or nobody?"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from mmfeat.metrics import bootstrap
from mmfeat.metrics.net_benefit import NetBenefit, treat_all
from mmfeat.report.recalibrated import Recalibrators, recalibrated
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.summary import ResultOptions
from mmfeat.report.view_pairs import ViewPair

Name = TypeVar("Name", bound=Hashable)

THRESHOLDS = tuple(round(0.01 * percent, 2) for percent in range(1, 100))
DECISION_CURVE_NOTE = (
    "decision_curve: net benefit, in true positives per case, of acting from each probability on "
    "(Vickers and Elkin 2006); treating nobody is worth 0. All cases as they come, and for the "
    "default method the cases that have everything, seen through each set of modalities. "
    "recalibrated: with the probabilities that eval.recalibration makes. Of a time, the cases "
    "whose status at the horizon is known."
)


def decision_curve_block(
    pairs: Sequence[ViewPair],
    fitted: Mapping[str, Recalibrators],
    *,
    options: ResultOptions,
) -> dict[str, Any]:
    """Return the block ``decision_curve`` of one target.

    Args:
        pairs: Every set of predictions of the target; the first method is the default one.
        fitted: The recalibration of each method that predictions of new cases get; may be none.
        options: How intervals are made.
    """
    if not pairs or pairs[0].kind == "regression":
        return {"reason": "a number is not acted on from a probability on"}
    natural = {pair.method: pair for pair in pairs if pair.regime == "natural"}
    raw = {method: pair.cases for method, pair in natural.items()}
    changed = {
        method: recalibrated(pair, fitted[method])
        for method, pair in natural.items()
        if method in fitted
    }
    outputs = pairs[0].cases.yes_or_no
    return {
        "thresholds": list(THRESHOLDS),
        "cases": "natural",
        "outputs": {
            output: _natural(raw, changed, column, options) for column, output in enumerate(outputs)
        },
        "complete_cases": _complete(pairs, outputs, options),
    }


def _natural(
    raw: Mapping[str, ScoredCases],
    changed: Mapping[str, ScoredCases],
    column: int,
    options: ResultOptions,
) -> dict[str, Any]:
    curves = _curves(raw, column, options)
    for method, cases in changed.items():
        curves[method]["recalibrated"] = _points(cases, column)
    return {**_cases(next(iter(raw.values())), column), "methods": curves}


def _complete(
    pairs: Sequence[ViewPair], outputs: Sequence[str], options: ResultOptions
) -> dict[str, Any]:
    """Return the default method's curves through each set, of the cases that have everything."""
    default = pairs[0].method
    own = [pair for pair in pairs if pair.method == default and pair.regime == "simulated"]
    if not own or not len(own[0].cases):
        return {"reason": "no case of a test part has a label and every modality"}
    whole = own[0].cases
    views = {
        pair.name: pair.cases.take(np.isin(pair.cases.case_ids, whole.case_ids)) for pair in own
    }
    return {
        "method": default,
        "outputs": {
            output: {**_cases(whole, column), "availabilities": _curves(views, column, options)}
            for column, output in enumerate(outputs)
        },
    }


def _cases(cases: ScoredCases, column: int) -> dict[str, Any]:
    labels = cases.labels[:, column]
    known = labels[~np.isnan(labels)]
    return {
        "n": len(known),
        "n_positive": int(known.sum()),
        "prevalence": float(known.mean()) if len(known) else None,
        "treat_all": [_number(treat_all(known, threshold)) for threshold in THRESHOLDS],
        "treat_none": 0.0,
    }


def _curves(
    sets: Mapping[Name, ScoredCases], column: int, options: ResultOptions
) -> dict[Name, dict[str, Any]]:
    """Return a curve of each set of predictions, all of them of the same cases."""
    known = {name: cases.take(~np.isnan(cases.labels[:, column])) for name, cases in sets.items()}
    metrics = {name: _net_benefit(cases, column) for name, cases in known.items()}
    found = bootstrap(
        metrics,
        next(iter(known.values())).patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    curves = {}
    for name, of_name in metrics.items():
        estimates = [found.estimate(name, key) for key in of_name.keys]
        curves[name] = {
            "net_benefit": [one.point for one in estimates],
            "low": [one.low for one in estimates],
            "high": [one.high for one in estimates],
        }
    return curves


def _net_benefit(cases: ScoredCases, column: int) -> NetBenefit:
    return NetBenefit(
        cases.labels[:, column], cases.probabilities[:, column], thresholds=THRESHOLDS
    )


def _points(cases: ScoredCases, column: int) -> list[float | None]:
    """Return the net benefit at each threshold."""
    of_known = _net_benefit(cases.take(~np.isnan(cases.labels[:, column])), column)
    values = of_known(np.ones((1, of_known.n_cases)))
    return [_number(values[key][0]) for key in of_known.keys]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
