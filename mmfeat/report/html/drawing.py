"""Drawings as SVG inside a page: themed by its style, with names and values to point at."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from mmfeat.report.html.blocks import Chart
from mmfeat.report.html.colours import GRID, INK, SOFT
from mmfeat.report.html.slim_svg import SVG, clean, slim

_POINTS_AN_INCH = 72
WIDTH = 340.0
"""Of a drawing in the page's pixels; all have the same, so that their letters have, too."""
_MOST_VALUES = 30
"""Values that a reader can point at along one line."""
_PREFIX = "d0-"
"""Before every id of a drawing; `numbered` puts the drawing's number there."""
_IDS = re.compile(_PREFIX + r"(?=\w*[0-9a-f]{10})")


@dataclass(frozen=True)
class _Mark:
    """What readers learn of one artist."""

    label: str
    method: int | None
    values: Sequence[tuple[float, float, str]] = ()
    """Places on the drawing, in its own coordinates, each with what to say there."""


@dataclass
class Drawing:
    """One drawing in the making, with its only panel."""

    title: str
    height: float = 300.0
    margins: tuple[float, float, float, float] = (52.0, 10.0, 10.0, 42.0)
    """Left, right, above and below the panel."""
    _marks: dict[str, _Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the figure, which nothing else holds."""
        self.figure = Figure(figsize=(WIDTH / _POINTS_AN_INCH, self.height / _POINTS_AN_INCH))
        FigureCanvasSVG(self.figure)
        left, right, above, below = self.margins
        self.panel: Axes = self.figure.add_axes(
            (
                left / WIDTH,
                below / self.height,
                (WIDTH - left - right) / WIDTH,
                (self.height - above - below) / self.height,
            )
        )
        _plain(self.panel)

    def mark(
        self,
        artist: Any,  # noqa: ANN401 - artists and containers of matplotlib
        label: str,
        *,
        method: int | None = None,
        x: ArrayLike = (),
        y: ArrayLike = (),
        texts: Sequence[str] = (),
    ) -> None:
        """Say what an artist stands for, and what is to be read off at some of its places.

        Args:
            artist: What was drawn.
            label: Its name, such as that of a method.
            method: Number of the method that it belongs to: it goes when that is switched off.
            x: Places in the panel's coordinates ...
            y: ... both ways ...
            texts: ... and what is said there.
        """
        name = f"mark-{len(self._marks)}"
        artist.set_gid(name)
        places = self.panel.transData.transform(np.column_stack([np.ravel(x), np.ravel(y)]))
        shown = _some(len(places))
        scale = _POINTS_AN_INCH / self.figure.dpi
        self._marks[name] = _Mark(
            label,
            method,
            [
                (places[at, 0] * scale, self.height - places[at, 1] * scale, texts[at])
                for at in shown
            ],
        )

    def chart(self, caption: str = "") -> Chart:
        """Return the drawing as a block of a page; the same values give the same text."""
        stream = io.StringIO()
        options = {"svg.fonttype": "none", "svg.hashsalt": self.title, "path.simplify": True}
        with mpl.rc_context(options):
            self.figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
        root = ET.fromstring(stream.getvalue())
        clean(root)
        self._name(root)
        slim(root)
        return Chart(ET.tostring(root, encoding="unicode"), self.title, caption)

    def _name(self, root: ET.Element) -> None:
        """Put names, methods and values to the marked elements, and drop all other names."""
        used = {
            part
            for element in root.iter()
            for value in element.attrib.values()
            for part in re.findall(r"#([\w-]+)", value)
        }
        for element in root.iter():
            name = element.attrib.pop("id", "")
            if mark := self._marks.get(name):
                _describe(element, mark)
            elif name in used:
                element.set("id", _PREFIX + name)
            for key, value in element.attrib.items():
                element.set(key, re.sub(r"#(?=[a-z])", f"#{_PREFIX}", value))
        root.set("class", "drawing")
        root.set("role", "img")
        root.set("aria-label", self.title)
        for key in ("width", "height"):
            root.attrib.pop(key, None)


def numbered(svg: str, number: int) -> str:
    """Return a drawing whose ids are its own on a page of many: matplotlib's are of its content."""
    return _IDS.sub(f"d{number}-", svg)


def shortened(name: str, longest: int) -> str:
    """Return a name that is not longer than there is room for.

    Example:
        >>> shortened("atelectasis_of_any_size", 12)
        'atelectasis…'
    """
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def _plain(panel: Axes) -> None:
    panel.patch.set_visible(False)
    panel.spines[["top", "right"]].set_visible(False)
    panel.spines[["left", "bottom"]].set_color(GRID)
    panel.tick_params(labelsize=11.5, labelcolor=SOFT, color=GRID, length=3)
    panel.xaxis.label.set(color=SOFT, fontsize=12)
    panel.yaxis.label.set(color=SOFT, fontsize=12)
    panel.title.set(color=INK, fontsize=11)


def _some(count: int) -> list[int]:
    """Return the numbers of some of the places, evenly spread, with the last."""
    step = max(1, -(-count // _MOST_VALUES))
    found = list(range(0, count, step))
    return found if not count or found[-1] == count - 1 else [*found, count - 1]


def _describe(element: ET.Element, mark: _Mark) -> None:
    element.set("class", "mark" if mark.method is None else f"mark m{mark.method}")
    element.set("data-label", mark.label)
    if mark.values:
        lines = (f"{x:.0f},{y:.0f},{' '.join(text.split())}" for x, y, text in mark.values)
        element.set("data-values", "\n".join(lines))
    title = ET.Element(f"{{{SVG}}}title")
    only = mark.values[0][2] if len(mark.values) == 1 else ""
    title.text = f"{mark.label}: {only}" if only else mark.label
    element.insert(0, title)


ET.register_namespace("", SVG)
