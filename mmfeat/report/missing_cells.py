"""How performance falls as cells of the records go missing: one curve for each method."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mmfeat.metrics import AurocAlone, Bootstrap, bootstrap
from mmfeat.metrics.metric_set import MetricKey, MetricSet
from mmfeat.progress import Progress
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases, scored_cases
from mmfeat.report.summary import ResultOptions, counts

MISSING_CELLS_NOTE = (
    "missing_cells: of the cases that have the record, each share of its known cells is hidden at "
    "random, but for one; what is hidden at a share is hidden at every larger one. everything: "
    "seen with all other modalities that the case has; alone: by the record only."
)
_CURVE = ["modality", "method", "seen"]


def missing_cells_results(
    frame: pd.DataFrame,
    *,
    kinds: Mapping[str, str],
    options: ResultOptions,
    progress: Progress,
) -> dict[str, dict[str, Any]]:
    """Return for each target its curves by modality, method and what is seen.

    Args:
        frame: Predictions of cases whose records have lost cells; see `predict_run`.
        kinds: Kind of each target.
        options: How intervals are made.
        progress: Told about every curve.
    """
    if frame.empty:
        return {}
    progress.start("missing cells", frame.groupby(["target", *_CURVE], observed=True).ngroups)
    results: dict[str, dict[str, Any]] = {}
    for target, of_target in frame.groupby("target", sort=False, observed=True):
        kind = kinds[str(target)]
        outputs = tuple(str(name) for name in of_target["output"].unique())
        block = results.setdefault(str(target), {})
        for names, of_curve in of_target.groupby(_CURVE, sort=False, observed=True):
            modality, method, seen = map(str, names)
            sets = {
                float(str(share)): scored_cases(
                    f"{method} at {share}", part, kind, outputs
                ).labelled()
                for share, part in of_curve.groupby("share", sort=True)
            }
            of_modality = block.setdefault(modality, {**counts(sets[0.0]), "methods": {}})
            curves = of_modality["methods"].setdefault(method, {})
            curves[seen] = _curve(sets, _hidden_shares(of_curve), options)
            progress.advance(note=f"{modality} {method}")
    return results


def _hidden_shares(of_curve: pd.DataFrame) -> dict[float, float]:
    """Return which share of all known cells is really hidden at each share that was asked for."""
    sums = of_curve.groupby("share")[["n_hidden", "n_known"]].sum()
    return dict(zip(sums.index, sums["n_hidden"] / sums["n_known"], strict=True))


def _curve(
    sets: Mapping[float, ScoredCases], hidden: Mapping[float, float], options: ResultOptions
) -> list[dict[str, Any]]:
    """Return the points of one curve, each with its loss against nothing hidden."""
    found = bootstrap(
        {share: _metric_set(cases, options) for share, cases in sets.items()},
        sets[0.0].patient_ids,
        n_resamples=options.n_resamples,
        confidence=options.confidence,
        seed=options.seed,
    )
    key = MetricKey(headline_of(sets[0.0].kind).metric)
    return [_point(found, key, share, float(hidden[share])) for share in sets]


def _metric_set(cases: ScoredCases, options: ResultOptions) -> MetricSet:
    if cases.kind in ("regression", "time_to_event"):
        return cases.metric_set(options.bins)
    return AurocAlone(cases.labels, cases.probabilities, outputs=cases.outputs, folds=cases.folds)


def _point(found: Bootstrap[float], key: MetricKey, share: float, hidden: float) -> dict[str, Any]:
    point: dict[str, Any] = {
        "share": share,
        "hidden": hidden,
        "metrics": {key.metric: found.estimate(share, key).to_json()},
    }
    if share:
        change = found.difference(share, 0.0, key).to_json()
        point["minus_complete"] = {key.metric: change}
    return point
