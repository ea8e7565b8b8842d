"""All figures of a set of results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.report.headline import headline_of
from mmfeat.report.missing_cells_figure import (
    draw_missing_cells,
    draw_missing_columns,
    draw_missing_modalities,
)
from mmfeat.report.predicted_figure import draw_predicted
from mmfeat.report.reliability_figure import draw_reliability
from mmfeat.report.roc_figure import draw_roc
from mmfeat.report.scored_cases import ScoredCases, View


def draw_figures(
    folder: Path,
    results: Mapping[str, Any],
    views: Mapping[View, ScoredCases],
    *,
    true_risk: Mapping[str, Mapping[str, float]],
) -> dict[str, list[str]]:
    """Draw the figures of all targets; return the names of the files, by target.

    A target without a case that has all modalities gets no ROC figure, since its availabilities
    cannot be compared on the same cases.
    """
    files: dict[str, list[str]] = {}
    for target, of_target in results["targets"].items():
        simulated = {
            (view.method, view.availability): cases.labelled()
            for view, cases in views.items()
            if (view.target, view.regime) == (target, "simulated")
        }
        if of_target["kind"] == "regression":
            drawn = _draw_numbers(folder, target, results, simulated)
        else:
            drawn = _draw_probabilities(
                folder, target, results, simulated, true_risk=true_risk.get(target)
            )
        files[target] = drawn + _draw_missing(folder, target, of_target, results["modalities"])
    return files


def _draw_missing(
    folder: Path, target: str, of_target: Mapping[str, Any], modalities: Sequence[str]
) -> list[str]:
    """Draw what the loss of modalities, of columns and of cells costs, where that was computed."""
    files: list[str] = []
    headline = headline_of(of_target["kind"])
    lost = of_target.get("missing_modalities", {})
    if "lost" in lost:
        files.append(f"missing-modalities-{target}.png")
        draw_missing_modalities(folder / files[-1], target, lost, headline)
    curves = of_target.get("missing_cells", {})
    if any("by_column" in of_modality for of_modality in curves.values()):
        files.append(f"missing-columns-{target}.png")
        draw_missing_columns(folder / files[-1], target, curves, modalities, headline)
    if curves:
        files.append(f"missing-cells-{target}.png")
        draw_missing_cells(folder / files[-1], target, curves, modalities, headline)
    return files


def _draw_probabilities(
    folder: Path,
    target: str,
    results: Mapping[str, Any],
    simulated: Mapping[tuple[str, str], ScoredCases],
    *,
    true_risk: Mapping[str, float] | None,
) -> list[str]:
    """Draw ROC and reliability; of a time to an event those of the risk until each horizon."""
    files = []
    of_target = results["targets"][target]
    if of_target["kind"] == "time_to_event":
        simulated = {key: cases.at_horizons() for key, cases in simulated.items()}
    method = next(iter(of_target["methods"]))
    full = simulated.get((method, "+".join(results["modalities"])))
    if full is not None and len(full):
        complete = {
            key: cases.take(np.isin(cases.case_ids, full.case_ids))
            for key, cases in simulated.items()
        }
        files.append(f"roc-{target}.png")
        draw_roc(folder / files[-1], target, results, complete, true_risk=true_risk)
    if of_method := _of_method(simulated, method):
        files.append(f"reliability-{target}.png")
        draw_reliability(folder / files[-1], target, results, of_method)
    return files


def _draw_numbers(
    folder: Path,
    target: str,
    results: Mapping[str, Any],
    simulated: Mapping[tuple[str, str], ScoredCases],
) -> list[str]:
    """Draw predicted against true numbers."""
    method = next(iter(results["targets"][target]["methods"]))
    of_method = _of_method(simulated, method)
    if not of_method:
        return []
    name = f"predicted-{target}.png"
    draw_predicted(folder / name, target, results, of_method)
    return [name]


def _of_method(
    simulated: Mapping[tuple[str, str], ScoredCases], method: str
) -> dict[str, ScoredCases]:
    """Return the predictions of one method, by availability."""
    return {name: cases for (one, name), cases in simulated.items() if one == method and len(cases)}
