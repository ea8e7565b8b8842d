"""Clouds of points: true against predicted numbers, and maps of features."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.report.html.blocks import Chart
from mmfeat.report.html.colours import CARD, GRID, INK, SOFT, method_colour, method_marker
from mmfeat.report.html.drawing import WIDTH, Drawing, shortened

_MOST_POINTS = 600
_MOST_GROUPS = 8
_LEGEND_LINE = 17.0
_SHORT, _LONGEST = 16, 40
"""Letters of a name up to which two stand beside each other, and at which it is cut."""


def predicted_chart(title: str, truth: ArrayLike, predicted: ArrayLike) -> Chart:
    """Return true against predicted numbers; at most 600 cases are drawn, drawn by a fixed seed."""
    x = np.asarray(predicted, dtype=np.float64)
    y = np.asarray(truth, dtype=np.float64)
    caption = ""
    if len(x) > _MOST_POINTS:
        shown = np.sort(np.random.default_rng(0).choice(len(x), _MOST_POINTS, replace=False))
        caption = f"{_MOST_POINTS} of {len(x):,} cases"
        x, y = x[shown], y[shown]
    margins = (60.0, 12.0, 8.0, 46.0)
    side = WIDTH - margins[0] - margins[1]
    drawing = Drawing(title, height=side + margins[2] + margins[3], margins=margins)
    panel = drawing.panel
    ends = (float(min(x.min(), y.min())), float(max(x.max(), y.max())))
    panel.plot(ends, ends, color=SOFT, linestyle=(0, (1, 2)), linewidth=1)
    panel.scatter(x, y, s=12, color=INK, alpha=0.45, linewidths=0)
    panel.set(xlabel="Predicted", ylabel="True")
    panel.grid(color=GRID, linewidth=0.5)
    panel.locator_params(nbins=5)
    return drawing.chart(caption)


def map_chart(
    title: str, x: ArrayLike, y: ArrayLike, groups: Sequence[str], *, caption: str = ""
) -> Chart:
    """Return a map of cases, coloured by group; groups beyond the largest eight are grey.

    Shape:
        - ``x``, ``y``: ``(cases,)``, and as many groups.
    """
    places = np.column_stack([np.ravel(x), np.ravel(y)]).astype(np.float64)
    names = np.array([str(name) for name in groups], dtype=object)
    found, counts = np.unique(names, return_counts=True)
    largest = [str(found[at]) for at in np.argsort(-counts, kind="stable")[:_MOST_GROUPS]]
    columns = 2 if max(map(len, largest)) <= _SHORT else 1
    margins = (14.0, 14.0, 8.0, 30.0 + _LEGEND_LINE * -(-len(largest) // columns))
    drawing = Drawing(title, height=268 + margins[3], margins=margins)
    panel = drawing.panel
    others = ~np.isin(names, largest)
    if others.any():
        panel.scatter(
            places[others, 0], places[others, 1], s=9, color=SOFT, alpha=0.35, linewidths=0
        )
    for number, name in enumerate(largest):
        panel.scatter(
            places[names == name, 0],
            places[names == name, 1],
            s=14,
            marker=method_marker(number),
            color=method_colour(number),
            alpha=0.75,
            edgecolors=CARD,
            linewidths=0.4,
            label=shortened(name, _LONGEST),
        )
    panel.set(xticks=[], yticks=[], xlabel="First component", ylabel="Second component")
    panel.spines[["left", "bottom"]].set_visible(False)
    legend = drawing.figure.legend(
        loc="lower left",
        bbox_to_anchor=(0.02, 0.0),
        ncols=columns,
        frameon=False,
        fontsize=11.5,
        handletextpad=0.2,
        borderaxespad=0.0,
        borderpad=0.0,
        labelspacing=0.25,
    )
    for text in legend.get_texts():
        text.set_color(INK)
    return drawing.chart(caption)
