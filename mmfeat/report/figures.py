"""All figures of a set of results."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.report.missing_cells_figure import draw_missing_cells
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
        method = next(iter(of_target["methods"]))
        files[target] = []
        full = simulated.get((method, "+".join(results["modalities"])))
        if full is not None and len(full):
            complete = {
                key: cases.take(np.isin(cases.case_ids, full.case_ids))
                for key, cases in simulated.items()
            }
            files[target].append(f"roc-{target}.png")
            draw_roc(
                folder / files[target][-1],
                target,
                results,
                complete,
                true_risk=true_risk.get(target),
            )
        of_method = {
            name: cases for (one, name), cases in simulated.items() if one == method and len(cases)
        }
        if of_method:
            files[target].append(f"reliability-{target}.png")
            draw_reliability(folder / files[target][-1], target, results, of_method)
        if curves := of_target.get("missing_cells"):
            files[target].append(f"missing-cells-{target}.png")
            draw_missing_cells(folder / files[target][-1], target, curves, results["modalities"])
    return files
