"""How all figures look: no global state, colours that colour-blind readers can tell apart."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmfeat.provenance import written_atomically

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's palette, the strongest first."""
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
GREY = "0.55"
_PANELS_IN_A_ROW = 3
_SIDE = 3.8  # of each square panel; all lengths are inches
_LEFT, _RIGHT, _ABOVE, _BELOW, _LINE, _HEADER = 0.65, 0.25, 0.35, 0.6, 0.19, 0.6


def new_figure(n_panels: int, title: str, *, lines_below: int) -> tuple[Figure, list[Axes]]:
    """Return a figure that nothing else holds, and its square panels.

    Args:
        n_panels: Number of panels.
        title: Title of the whole figure.
        lines_below: Lines of text to leave room for below each panel.
    """
    columns = min(n_panels, _PANELS_IN_A_ROW)
    rows = -(-n_panels // columns)
    cell_width = _LEFT + _SIDE + _RIGHT
    cell_height = _ABOVE + _SIDE + _BELOW + _LINE * lines_below
    width, height = columns * cell_width, _HEADER + rows * cell_height
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    figure.text(0.5, 1 - 0.2 / height, title, ha="center", va="center", fontsize=12, weight="bold")
    panels = []
    for number in range(n_panels):
        row, column = divmod(number, columns)
        left = column * cell_width + _LEFT
        bottom = height - _HEADER - row * cell_height - _ABOVE - _SIDE
        panel = figure.add_axes((left / width, bottom / height, _SIDE / width, _SIDE / height))
        panel.spines[["top", "right"]].set_visible(False)
        panel.tick_params(labelsize=9)
        panels.append(panel)
    return figure, panels


def legend_below(panel: Axes) -> None:
    """Put the legend below a panel, one line for each entry."""
    panel.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.12), frameon=False, fontsize=8.5, handlelength=3
    )


def legend_above(figure: Figure, panel: Axes) -> None:
    """Put the legend of one panel, which holds for all, in one line below the figure's title."""
    handles, labels = panel.get_legend_handles_labels()
    place = (0.5, 1 - 0.3 / float(figure.get_figheight()))
    figure.legend(
        handles,
        labels,
        loc="upper center",
        bbox_to_anchor=place,
        ncols=2,
        frameon=False,
        fontsize=9,
    )


def text_below(panel: Axes, text: str) -> None:
    """Write some lines below a panel."""
    panel.text(0.5, -0.15, text, transform=panel.transAxes, ha="center", va="top", fontsize=8.5)


def line_style(number: int) -> dict[str, Any]:
    """Return colour and dashes of the n-th line; both change, so that print in grey can be read."""
    return {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}


def square(panel: Axes, x_label: str, y_label: str, *, upper: float = 1.0) -> None:
    """Make both axes go from 0 to the same value, with the diagonal."""
    limits = (-0.01 * upper, 1.01 * upper)
    panel.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    panel.set(xlim=limits, ylim=limits, aspect="equal", xlabel=x_label, ylabel=y_label)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, atomically; the same results give the same bytes."""
    with written_atomically(path) as partial:
        figure.savefig(partial, dpi=130, metadata={"Software": None})
