"""The first metric against the share of a record's cells that are missing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from mmfeat.report.figure_style import GREY, legend_below, line_style, new_figure, save
from mmfeat.report.headline import Headline

_SPREAD = 0.006
"""Distance of two methods' intervals along the axis, so that they do not cover each other."""


def draw_missing_cells(
    path: Path,
    target: str,
    block: Mapping[str, Any],
    modalities: Sequence[str],
    headline: Headline,
) -> None:
    """Draw one panel for each record and what is seen beside it, with a line for each method.

    Args:
        path: PNG file.
        target: Name of the target.
        block: The target's curves by modality; see `missing_cells_results`.
        modalities: All modalities.
        headline: The metric that is drawn.
    """
    panels = [
        (modality, seen, of_modality)
        for modality, of_modality in block.items()
        for seen in next(iter(of_modality["methods"].values()))
    ]
    n_lines = max(len(of_modality["methods"]) for _, _, of_modality in panels)
    figure, axes = new_figure(len(panels), f"{target}: records with gaps", lines_below=1 + n_lines)
    for axis, (modality, seen, of_modality) in zip(axes, panels, strict=True):
        beside = "with all else that a case has" if seen == "everything" else "alone"
        title = modality if len(modalities) == 1 else f"{modality} {beside}"
        axis.set_title(f"{title} ({of_modality['n']} cases)", fontsize=10)
        axis.set(xlabel="Share of the record's known cells hidden", ylabel=headline.name)
        axis.axhline(headline.no_skill, color=GREY, linewidth=0.8, linestyle=":")
        for number, (method, curves) in enumerate(of_modality["methods"].items()):
            _draw_curve(axis, method, _estimates(curves[seen], headline), number)
        legend_below(axis)
    _share_one_scale(axes)
    save(figure, path)


def _estimates(
    points: Sequence[Mapping[str, Any]], headline: Headline
) -> list[tuple[float, Mapping[str, Any]]]:
    """Return what was hidden, and the metric then, where it is defined."""
    found = [(point["hidden"], point["metrics"][headline.metric]) for point in points]
    return [(hidden, one) for hidden, one in found if one["point"] is not None]


def _draw_curve(
    panel: Axes, method: str, drawn: Sequence[tuple[float, Mapping[str, Any]]], number: int
) -> None:
    if not drawn:
        panel.plot([], [], label=f"{method}: undefined", **line_style(number))
        return
    shares = [hidden + number * _SPREAD for hidden, _ in drawn]
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
        axis.set(xlim=(-0.03, 1.0), ylim=(lowest, min(highest, 1.01)))
