"""Panels of the first metric against what is missing, a line with intervals for each method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from mmfeat.report.figure_style import GREY, legend_below, line_style, new_figure, save
from mmfeat.report.headline import Headline

_SPREAD = 0.006
"""Distance of two methods' intervals along the axis, so that they do not cover each other."""


@dataclass(frozen=True)
class CurvePanel:
    """Hold one panel: for each method the points of its curve."""

    title: str
    x_label: str
    curves: Mapping[str, Sequence[Mapping[str, Any]]]
    x: str
    """Name of a point's value along the axis: the share that is really missing."""


def draw_curves(path: Path, title: str, panels: Sequence[CurvePanel], headline: Headline) -> None:
    """Draw panels side by side, on one scale.

    Args:
        path: PNG file.
        title: Of the figure.
        panels: At least one.
        headline: The metric that is drawn.
    """
    n_lines = max(len(panel.curves) for panel in panels)
    figure, axes = new_figure(len(panels), title, lines_below=1 + n_lines)
    for axis, panel in zip(axes, panels, strict=True):
        axis.set_title(panel.title, fontsize=10)
        axis.set(xlabel=panel.x_label, ylabel=headline.name)
        axis.axhline(headline.no_skill, color=GREY, linewidth=0.8, linestyle=":")
        for number, (method, points) in enumerate(panel.curves.items()):
            _draw_curve(axis, method, _estimates(points, panel.x, headline), number)
        legend_below(axis)
    _share_one_scale(axes)
    save(figure, path)


def _estimates(
    points: Sequence[Mapping[str, Any]], x: str, headline: Headline
) -> list[tuple[float, Mapping[str, Any]]]:
    """Return what is missing, and the metric then, where it is defined."""
    found = [(point[x], point["metrics"][headline.metric]) for point in points]
    return [(missing, one) for missing, one in found if one["point"] is not None]


def _draw_curve(
    panel: Axes, method: str, drawn: Sequence[tuple[float, Mapping[str, Any]]], number: int
) -> None:
    if not drawn:
        panel.plot([], [], label=f"{method}: undefined", **line_style(number))
        return
    shares = [missing + number * _SPREAD for missing, _ in drawn]
    estimates = [one for _, one in drawn]
    style = line_style(number)
    values = [one["point"] for one in estimates]
    panel.plot(shares, values, "o", markersize=3.5, color=style["color"])
    panel.plot(shares, values, linewidth=1.6, label=method, **style)
    bounded = [
        (share, one) for share, one in zip(shares, estimates, strict=True) if one["low"] is not None
    ]
    panel.vlines(
        [share for share, _ in bounded],
        [one["low"] for _, one in bounded],
        [one["high"] for _, one in bounded],
        color=style["color"],
        linewidth=0.8,
    )


def _share_one_scale(axes: Sequence[Axes]) -> None:
    lowest = min(axis.get_ylim()[0] for axis in axes)
    highest = max(axis.get_ylim()[1] for axis in axes)
    for axis in axes:
        axis.set(xlim=(-0.03, 1.0 + 4 * _SPREAD), ylim=(lowest, min(highest, 1.01)))
