"""Predicted against true numbers, a point for each case."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmfeat.report.figure_style import COLOURS, GREY, new_figure, save, text_below
from mmfeat.report.headline import headline_of
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.wording import availability_name, with_interval


def draw_predicted(
    path: Path, target: str, results: Mapping[str, Any], simulated: Mapping[str, ScoredCases]
) -> None:
    """Draw one panel for each availability of a number.

    Args:
        path: PNG file.
        target: Name of the target.
        results: All results.
        simulated: For each availability, the default method's predictions for this target.
    """
    of_target = results["targets"][target]
    method, modalities = next(iter(of_target["methods"])), results["modalities"]
    entries = of_target["methods"][method]["simulated"]
    headline = headline_of("regression")
    shown = {headline.name: headline.metric, **headline.others}
    ends = [
        (one.labels.min(), one.labels.max(), one.probabilities.min(), one.probabilities.max())
        for one in simulated.values()
    ]
    low, high = float(np.min(ends)), float(np.max(ends))
    margin = 0.03 * (high - low)
    limits = (low - margin, high + margin)
    figure, axes = new_figure(
        len(simulated), f"{target}: predicted by method {method}", lines_below=len(shown)
    )
    for panel, (name, cases) in zip(axes, simulated.items(), strict=True):
        panel.set_title(f"{availability_name(name, modalities)} ({len(cases)} cases)", fontsize=10)
        panel.set(xlim=limits, ylim=limits, xlabel=f"True {target}", ylabel=f"Predicted {target}")
        panel.plot(limits, limits, color=GREY, linewidth=0.8, linestyle=":")
        panel.plot(
            cases.labels[:, 0],
            cases.probabilities[:, 0],
            "o",
            color=COLOURS[0],
            markersize=3,
            alpha=0.4,
            markeredgewidth=0,
        )
        metrics = entries[name]["metrics"]
        text_below(
            panel,
            "\n".join(f"{label} {with_interval(metrics[key])}" for label, key in shown.items()),
        )
    save(figure, path)
