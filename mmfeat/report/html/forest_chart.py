"""Values with their intervals below each other: by group, and within a group by method."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmfeat.report.html.blocks import Chart
from mmfeat.report.html.colours import CARD, GRID, INK, SOFT, method_colour, method_marker
from mmfeat.report.html.drawing import Drawing, shortened

_LETTER, _NARROWEST, _WIDEST = 6.4, 60.0, 150.0
"""Width of a letter, and least and most room for the names at the left."""
_BETWEEN_GROUPS, _LINE = 12.0, 14.0
_LONGEST = 23


@dataclass(frozen=True)
class ForestItem:
    """One value with its interval."""

    group: str
    """What it is of; items of one group stand together."""
    label: str
    """What it is called when a reader points at it."""
    point: float
    low: float | None
    high: float | None
    text: str
    """The value in words."""
    method: int | None = None


def forest_chart(
    title: str,
    items: Sequence[ForestItem],
    *,
    axis: str,
    reference: float | None = None,
    caption: str = "",
) -> Chart:
    """Return a drawing of values with intervals.

    Args:
        title: What it shows.
        items: The values, from above to below.
        axis: What they are.
        reference: Where a line stands, such as at no difference.
        caption: What else is to be said.
    """
    places, labels = _places(items)
    longest = min(_LONGEST, max(map(len, labels), default=0))
    left = min(_WIDEST, max(_NARROWEST, 12 + _LETTER * longest))
    height = 54 + (max(places, default=0) + _LINE)
    drawing = Drawing(title, height=height, margins=(left, 14, 6, 48))
    panel = drawing.panel
    lowest, highest = _limits(items, reference)
    panel.set(xlim=(lowest, highest), ylim=(max(places, default=0) + _LINE, -_LINE), xlabel=axis)
    panel.set_yticks(list(labels.values()), [shortened(name, _LONGEST) for name in labels])
    panel.tick_params(axis="y", length=0, labelcolor=INK, labelsize=11.5)
    panel.spines["left"].set_visible(False)
    panel.grid(axis="x", color=GRID, linewidth=0.5)
    panel.set_axisbelow(True)
    panel.locator_params(axis="x", nbins=5)
    if reference is not None and lowest <= reference <= highest:
        panel.axvline(reference, color=SOFT, linewidth=1, zorder=1)
    for item, place in zip(items, places, strict=True):
        _draw(drawing, item, place)
    return drawing.chart(caption)


def _places(items: Sequence[ForestItem]) -> tuple[list[float], dict[str, float]]:
    """Return the height of each item, and of the middle of each group."""
    places: list[float] = []
    of_groups: dict[str, list[float]] = {}
    at = 0.0
    for number, item in enumerate(items):
        if number:
            is_new = item.group != items[number - 1].group
            at += _BETWEEN_GROUPS + _LINE if is_new else _LINE
        places.append(at)
        of_groups.setdefault(item.group, []).append(at)
    return places, {name: sum(found) / len(found) for name, found in of_groups.items()}


def _limits(items: Sequence[ForestItem], reference: float | None) -> tuple[float, float]:
    ends = [end for item in items for end in (item.low, item.point, item.high) if end is not None]
    ends += [] if reference is None else [reference]
    lowest, highest = min(ends, default=0.0), max(ends, default=1.0)
    room = 0.06 * ((highest - lowest) or 1.0)
    return lowest - room, highest + room


def _draw(drawing: Drawing, item: ForestItem, place: float) -> None:
    colour = SOFT if item.method is None else method_colour(item.method)
    if item.low is not None and item.high is not None:
        (line,) = drawing.panel.plot([item.low, item.high], [place, place], color=colour, lw=1.6)
        drawing.mark(line, item.label, method=item.method)
    (dot,) = drawing.panel.plot(
        [item.point],
        [place],
        marker=method_marker(item.method or 0),
        markersize=7,
        color=colour,
        markeredgecolor=CARD,
        markeredgewidth=1.2,
    )
    x, text = [item.point], [item.text]
    drawing.mark(dot, item.label, method=item.method, x=x, y=[place], texts=text)
