"""Reliability: what share of the cases with a predicted probability of 0.3 were positive."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from scipy.stats import binomtest

from mmfeat.metrics import reliability_bins
from mmfeat.report.figure_style import (
    COLOURS,
    GREY,
    legend_above,
    new_figure,
    save,
    square,
    text_below,
)
from mmfeat.report.scored_cases import ScoredCases
from mmfeat.report.wording import availability_name, output_name, with_interval

_SUMMARY = {
    "ece": ("calibration error", 3),
    "brier": ("Brier score", 3),
    "calibration_slope": ("slope", 2),
    "calibration_intercept": ("intercept", 2),
}
"""Metrics below each panel, where there are such: their names, and the digits shown."""


def draw_reliability(
    path: Path, target: str, results: Mapping[str, Any], simulated: Mapping[str, ScoredCases]
) -> None:
    """Draw one panel for each availability of a binary target, or for each output of another one.

    Args:
        path: PNG file.
        target: Name of the target.
        results: All results.
        simulated: For each availability, the default method's predictions for this target.
    """
    of_target = results["targets"][target]
    method, modalities = next(iter(of_target["methods"])), results["modalities"]
    entries = of_target["methods"][method]["simulated"]
    panels: list[tuple[str, str, int, Mapping[str, Any]]] = []
    if of_target["kind"] == "binary":
        for name in entries:
            panels.append((availability_name(name, modalities), name, 0, entries[name]["metrics"]))
    else:
        most = next(iter(entries))
        for column, output in enumerate(of_target["outputs"]):
            title = f"{output_name(target, of_target['kind'], output)}, with {most}"
            panels.append((title, most, column, entries[most]["outputs"][output]))
    curves = [
        _Curve(simulated[name], column, bins=results["intervals"]["calibration_bins"])
        for _, name, column, _ in panels
    ]
    # One scale for all panels, and no larger than needed: rare outcomes have small probabilities.
    upper = max(curve.upper for curve in curves)
    figure, axes = new_figure(
        len(panels), f"{target}: reliability of method {method}", lines_below=len(_SUMMARY)
    )
    for panel, curve, (title, _, _, metrics) in zip(axes, curves, panels, strict=True):
        panel.set_title(f"{title} ({len(curve.labels)} cases)", fontsize=10)
        square(panel, "Predicted probability", "Observed share", upper=upper)
        curve.draw(panel, upper)
        text_below(panel, _summary(metrics))
    legend_above(figure, axes[0])
    save(figure, path)


class _Curve:
    """Hold the bins of one panel with their intervals."""

    def __init__(self, cases: ScoredCases, column: int, *, bins: int) -> None:
        known = ~np.isnan(cases.labels[:, column])
        self.labels, self.probabilities = (
            cases.labels[known, column],
            cases.probabilities[known, column],
        )
        self.points = reliability_bins(self.labels, self.probabilities, bins=bins)
        self.intervals = [
            binomtest(point.n_positive, point.n).proportion_ci(method="wilson")
            for point in self.points
        ]

    @property
    def upper(self) -> float:
        """Return the end of the axes, a multiple of 0.1, that shows everything drawn."""
        ends = [float(self.probabilities.max(initial=0))] + [one.high for one in self.intervals]
        return float(min(1.0, np.ceil(10 * max(ends)) / 10))

    def draw(self, panel: Axes, upper: float) -> None:
        """Draw the points with their intervals above the distribution of the predictions."""
        heights, edges = np.histogram(self.probabilities, bins=np.linspace(0, upper, 41))
        panel.bar(
            edges[:-1],
            0.15 * upper * heights / max(heights.max(), 1),
            width=np.diff(edges),
            align="edge",
            color=GREY,
            alpha=0.35,
            label="distribution of predictions",
        )
        predicted = [point.predicted for point in self.points]
        panel.vlines(
            predicted,
            [one.low for one in self.intervals],
            [one.high for one in self.intervals],
            color=COLOURS[0],
            linewidth=1.1,
        )
        panel.plot(
            predicted,
            [point.observed for point in self.points],
            "o-",
            color=COLOURS[0],
            markersize=4.5,
            linewidth=1.2,
            label="equal groups of cases, with 95 % interval",
        )


def _summary(metrics: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{label} {with_interval(metrics[name], digits=digits)}"
        for name, (label, digits) in _SUMMARY.items()
        if name in metrics
    )
