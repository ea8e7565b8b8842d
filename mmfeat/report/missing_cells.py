"""How performance falls as cells of the records go missing: one curve for each method."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mmfeat.progress import Progress
from mmfeat.report.curves import LATE_FUSION, Curve, curves_json, same_cases
from mmfeat.report.scored_cases import scored_cases
from mmfeat.report.summary import ResultOptions, counts

RANDOM, MOST_FIRST, LEAST_FIRST = "random", "most_informative_first", "least_informative_first"
"""The orders in which cells are hidden; after the first whole columns are."""
MISSING_CELLS_NOTE = (
    "missing_cells: of the cases that have the record, each share of its known cells is hidden at "
    "random, but for one; what is hidden at a share is hidden at every larger one. everything: "
    "seen with all other modalities that the case has; alone: by the record only. by_column: whole "
    "columns are hidden instead, the same in every case, those that tell most or least of the "
    "training part's labels first."
)
_CURVE = ["method", "seen"]
_TEXTS = ("case_id", "patient_id", "output", "order")
Key = tuple[str, str]
"""A method and what is seen."""


def missing_cells_results(
    frame: pd.DataFrame,
    importance: pd.DataFrame,
    *,
    kinds: Mapping[str, str],
    options: ResultOptions,
    progress: Progress,
) -> dict[str, dict[str, Any]]:
    """Return for each target its curves by modality, method and what is seen.

    Args:
        frame: Predictions of cases whose records have lost cells; see `predict_run`.
        importance: How much each column tells in each fold; empty where no columns are hidden.
        kinds: Kind of each target.
        options: How intervals are made.
        progress: Told about every modality of every target.
    """
    if frame.empty:
        return {}
    parts = frame.groupby(["target", "modality"], sort=False, observed=True)
    progress.start("missing cells", parts.ngroups)
    results: dict[str, dict[str, Any]] = {}
    for names, part in parts:
        target, modality = map(str, names)
        block = _of_modality(part, kinds[target], options)
        if "by_column" in block:
            block["by_column"]["importance"] = _importance(importance, target, modality)
        results.setdefault(target, {})[modality] = block
        progress.advance(note=f"{target} {modality}")
    return results


def _of_modality(frame: pd.DataFrame, kind: str, options: ResultOptions) -> dict[str, Any]:
    outputs = tuple(str(name) for name in frame["output"].unique())
    orders = [str(name) for name in frame["order"].unique()]
    # Plain objects are taken apart in a fraction of the time.
    frame = frame.drop(columns=["target", "modality"]).astype(dict.fromkeys(_TEXTS, object))
    curves: dict[tuple[Key, str], Curve] = {}
    hidden: dict[tuple[Key, str], list[float]] = {}
    for names, of_curve in frame.groupby(_CURVE, sort=False, observed=True):
        key = (str(names[0]), str(names[1]))
        sums = of_curve.groupby(["order", "share"], observed=True)[["n_hidden", "n_known"]].sum()
        shares_hidden = sums["n_hidden"] / sums["n_known"]
        points = {
            (str(at[0]), float(str(at[1]))): scored_cases(
                f"{key[0]} at {at[1]}", part, kind, outputs
            ).labelled()
            for at, part in of_curve.groupby(["order", "share"], observed=True)
        }
        start = points.pop((orders[0], 0.0))
        for order in orders:
            shares = sorted(share for name, share in points if name == order)
            curves[key, order] = {0.0: start} | {share: points[order, share] for share in shares}
            hidden[key, order] = [0.0, *(float(shares_hidden[order, share]) for share in shares)]
    found = _with_hidden(curves, hidden, options)
    block = {
        **counts(next(iter(curves.values()))[0.0]),
        **_nested({key: one for (key, order), one in found.items() if order == orders[0]}),
    }
    if len(orders) > 1:
        block["by_column"] = {
            order: _nested({key: one for (key, name), one in found.items() if name == order})
            for order in orders[1:]
        }
    return block


def _with_hidden(
    curves: Mapping[tuple[Key, str], Curve],
    hidden: Mapping[tuple[Key, str], Sequence[float]],
    options: ResultOptions,
) -> dict[tuple[Key, str], dict[str, Any]]:
    """Return all curves, those of the same cases on the same resamples."""
    found: dict[tuple[Key, str], dict[str, Any]] = {}
    for name, curve in curves.items():
        if name not in found:
            together = {
                other: one for other, one in curves.items() if same_cases(one[0.0], curve[0.0])
            }
            late = {((m, seen), order): ((LATE_FUSION, seen), order) for (m, seen), order in curves}
            found |= curves_json(together, late, options)
    for name, shares in hidden.items():
        for point, share in zip(found[name]["points"], shares, strict=True):
            point["hidden"] = share
    return found


def _nested(found: Mapping[Key, dict[str, Any]]) -> dict[str, Any]:
    """Return points and robustness by method and what is seen."""
    methods: dict[str, dict[str, Any]] = {}
    robustness: dict[str, dict[str, Any]] = {}
    for (method, seen), one in found.items():
        methods.setdefault(method, {})[seen] = one["points"]
        numbers = {name: one[name] for name in ("relative", "effective")}
        robustness.setdefault(method, {})[seen] = numbers
    return {"methods": methods, "robustness": robustness}


def _importance(frame: pd.DataFrame, target: str, modality: str) -> list[dict[str, Any]]:
    """Return the columns and their importance, the mean over the folds, the highest first."""
    part = frame[(frame["target"] == target) & (frame["modality"] == modality)]
    means = part.groupby("column", sort=False)["importance"].mean()
    return [
        {"column": str(name), "importance": float(value)}
        for name, value in means.sort_values(ascending=False, kind="stable").items()
    ]
