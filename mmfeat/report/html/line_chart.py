"""Curves in one panel: of methods in their colours, or of sets of modalities in their dashes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mmfeat.report.html.blocks import Chart
from mmfeat.report.html.colours import (
    CARD,
    DASHES,
    GRID,
    INK,
    SOFT,
    method_colour,
    method_dashes,
    method_marker,
)
from mmfeat.report.html.drawing import WIDTH, Drawing

_RESOLUTION = 400
"""Steps of a curve across the panel; no eye sees more."""
_LEGEND_LINE = 17.0
_LONGEST_LEGEND = 46


@dataclass(frozen=True)
class Series:
    """One curve."""

    label: str
    x: ArrayLike
    y: ArrayLike
    method: int | None = None
    """Its colour and dashes are those of this method; None: ink, with dashes by its place."""
    low: ArrayLike | None = None
    high: ArrayLike | None = None
    has_points: bool = False
    """Whether its values are few, and are marked."""
    is_faint: bool = False
    """Whether it is only there to be compared with, such as the diagonal."""


@dataclass(frozen=True)
class Frame:
    """Say what a panel's axes are."""

    x: str
    y: str
    x_limits: tuple[float, float] | None = (0.0, 1.0)
    y_limits: tuple[float, float] | None = (0.0, 1.0)
    is_square: bool = False
    in_percent: bool = False
    """Whether the horizontal axis shows shares as per cent."""
    digits: int = 2


def line_chart(
    title: str,
    series: Sequence[Series],
    frame: Frame,
    *,
    caption: str = "",
    has_legend: bool = False,
) -> Chart:
    """Return a drawing of curves.

    Args:
        title: What it shows.
        series: The curves; the first is drawn last, on top.
        frame: What its axes are.
        caption: What else is to be said.
        has_legend: Whether the curves are named below; those of methods are named by their colours
            at the top of the page.
    """
    lines = _LEGEND_LINE * sum(not one.is_faint for one in series) if has_legend else 0.0
    margins = (54.0, 12.0, 8.0, 46.0 + lines)
    inside = WIDTH - margins[0] - margins[1]
    height = (inside if frame.is_square else 0.68 * inside) + margins[2] + margins[3]
    drawing = Drawing(title, height=height, margins=margins)
    panel = drawing.panel
    panel.set(xlabel=frame.x, ylabel=frame.y)
    panel.grid(color=GRID, linewidth=0.5)
    panel.set_axisbelow(True)
    for number in reversed(range(len(series))):
        _draw(drawing, series[number], number)
    if frame.x_limits:
        panel.set_xlim(_wider(frame.x_limits))
    if frame.y_limits:
        panel.set_ylim(_wider(frame.y_limits))
    panel.locator_params(nbins=5)
    if frame.in_percent:
        panel.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    for number, one in enumerate(series):
        _mark(drawing, one, number, frame)
    if has_legend:
        _legend(drawing, series)
    return drawing.chart(caption)


def _wider(limits: tuple[float, float]) -> tuple[float, float]:
    room = 0.015 * (limits[1] - limits[0]) or 0.05  # of a line that is level
    return limits[0] - room, limits[1] + room


def _style(one: Series, number: int) -> dict[str, Any]:
    if one.is_faint:
        return {"color": SOFT, "linestyle": (0, (1, 2)), "linewidth": 1.0}
    if one.method is None:
        return {"color": INK, "linestyle": DASHES[number % len(DASHES)], "linewidth": 1.6}
    dashes = "-" if one.has_points else method_dashes(one.method)
    return {"color": method_colour(one.method), "linestyle": dashes, "linewidth": 1.8}


def _draw(drawing: Drawing, one: Series, number: int) -> None:
    x, y = thinned(one.x, one.y)
    style = _style(one, number)
    if one.has_points:
        style |= {
            "marker": method_marker(one.method or 0),
            "markersize": 6,
            "markeredgecolor": CARD,
            "markeredgewidth": 1.0,
        }
    (line,) = drawing.panel.plot(x, y, label=one.label, gid=f"series-{number}", **style)
    if one.low is not None and one.high is not None:
        low, high = (np.asarray(end, dtype=np.float64) for end in (one.low, one.high))
        band = drawing.panel.fill_between(
            np.asarray(one.x, dtype=np.float64), low, high, color=line.get_color(), alpha=0.12, lw=0
        )
        drawing.mark(band, one.label, method=one.method)


def _mark(drawing: Drawing, one: Series, number: int, frame: Frame) -> None:
    """Name a curve once the limits of the panel are known, since its places depend on them."""
    line = next(line for line in drawing.panel.get_lines() if line.get_gid() == f"series-{number}")
    if one.is_faint:
        drawing.mark(line, one.label)
        return
    x, y = (np.asarray(values, dtype=np.float64) for values in line.get_data())
    known = np.isfinite(x) & np.isfinite(y)
    texts = [_said(a, b, frame) for a, b in zip(x[known], y[known], strict=True)]
    drawing.mark(line, one.label, method=one.method, x=x[known], y=y[known], texts=texts)


def _said(x: float, y: float, frame: Frame) -> str:
    at = f"{100 * x:.0f} %" if frame.in_percent else f"{x:z.2f}"
    return f"{frame.y} {y:z.{frame.digits}f} at {frame.x[:1].lower()}{frame.x[1:]} {at}"


def thinned(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Leave out what lies within the width of a line of its neighbours.

    Shape:
        - ``x``, ``y``: ``(points,)``, and the results no longer.
    """
    places = np.column_stack([np.ravel(x), np.ravel(y)]).astype(np.float64)
    if len(places) <= _RESOLUTION:
        return places[:, 0], places[:, 1]
    span = np.nanmax(places, axis=0) - np.nanmin(places, axis=0)
    cells = np.floor(places / np.where(span > 0, span, 1.0) * _RESOLUTION)
    is_new = np.ones(len(places), dtype=bool)
    is_new[1:] = (cells[1:] != cells[:-1]).any(axis=1)
    is_new[-1] = True
    kept = places[is_new]
    return kept[:, 0], kept[:, 1]


def _legend(drawing: Drawing, series: Sequence[Series]) -> None:
    """Name the curves below the panel, one a line."""
    handles, labels = drawing.panel.get_legend_handles_labels()
    faint = {one.label for one in series if one.is_faint}
    shown = [(h, name) for h, name in zip(handles, labels, strict=True) if name not in faint]
    legend = drawing.figure.legend(
        [handle for handle, _ in reversed(shown)],
        [name[:_LONGEST_LEGEND] for _, name in reversed(shown)],
        loc="lower left",
        bbox_to_anchor=(drawing.margins[0] / WIDTH - 0.01, 0.0),
        frameon=False,
        fontsize=11.5,
        handlelength=2.6,
        labelspacing=0.25,
        borderaxespad=0.0,
        borderpad=0.0,
    )
    for text in legend.get_texts():
        text.set_color(INK)
