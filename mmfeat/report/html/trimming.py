"""Keep a page small: what is left out of one that would be too large, in which order.

Nothing goes silently: each part says what it shows of how much, and the first part sums up.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from mmfeat.report.html.blocks import (
    Block,
    Bullets,
    Charts,
    Code,
    Folded,
    Pictures,
    Section,
    Table,
    Text,
)

LARGEST_BYTES = 5_000_000
"""Of a report, so that it can be sent as a mail and opened on a phone."""
_ANYWHERE = r""
_WHOLE = re.compile(r"^(verdict|checklists)$")
"""Parts whose tables stay whole."""
_NAMES = {"drawings": "drawings", "scans": "scans", "rows": "rows", "lines": "lines"}


@dataclass(frozen=True)
class _Most:
    """How many are kept in each row of drawings, each contact sheet, table and text; None: all."""

    within: str = _ANYWHERE
    """Pattern of the ids of the parts that it is for."""
    drawings: int | None = None
    scans: int | None = None
    rows: int | None = None
    """Of a table; points of a list, too."""
    lines: int | None = None


STEPS = (
    _Most(r"^features-", drawings=2),
    _Most(r"-curves$", drawings=6),
    _Most(r"-missing$", drawings=5),
    _Most(r"-calibration$", drawings=4),
    _Most(r"-decisions$", drawings=3),
    _Most(r"^scans$", scans=6),
    _Most(drawings=3),
    _Most(drawings=2),
    _Most(rows=60, lines=1000),
    _Most(drawings=1, scans=2),
    _Most(rows=25, lines=300),
    _Most(drawings=0, scans=0),
    _Most(rows=8, lines=50),
)
"""From what is least missed to what is most; each step keeps to those before it."""


@dataclass
class _Count:
    """Count what is shown, and what there is."""

    kept: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_NAMES, 0))
    all: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_NAMES, 0))

    def add(self, name: str, kept: int, of: int) -> None:
        self.kept[name] += kept
        self.all[name] += of

    def left_out(self) -> str:
        """Return what is not shown, in words."""
        return ", ".join(
            f"{self.all[name] - self.kept[name]:,} of {self.all[name]:,} {said}"
            for name, said in _NAMES.items()
            if self.kept[name] < self.all[name]
        )


def fitted(
    sections: Sequence[Section], text_of: Callable[[Sequence[Section]], str], largest_bytes: int
) -> str:
    """Return a page that is as whole as its size allows.

    Args:
        sections: All that there is to show.
        text_of: Makes the page of sections.
        largest_bytes: What the page may have. One that is larger with as little as possible is
            returned all the same, and says so.
    """
    made: dict[int, str] = {}

    def fits(n_steps: int) -> bool:
        shown = trimmed(sections, n_steps, largest_bytes) if n_steps else sections
        made[n_steps] = text_of(shown)
        return _size(made[n_steps]) <= largest_bytes

    found = 0 if fits(0) else bisect_left(range(len(STEPS) + 1), True, lo=1, key=fits)
    if found <= len(STEPS):
        return made[found]
    smallest = trimmed(sections, len(STEPS), largest_bytes)
    warning = Text(
        f"This page is larger than {_megabytes(largest_bytes)}, although all that can be left out "
        "is: evaluate fewer targets, methods or groups in one run.",
        tone="warning",
    )
    return text_of([replace(smallest[0], blocks=[*smallest[0].blocks, warning]), *smallest[1:]])


def trimmed(sections: Sequence[Section], n_steps: int, largest_bytes: int) -> list[Section]:
    """Return sections after the first ``n_steps`` of `STEPS`, with what was left out in words."""
    count = _Count()
    first, *others = [_of_section(one, STEPS[:n_steps], count) for one in sections]
    left_out = count.left_out()
    if not left_out:
        return [first, *others]
    said = Text(
        f"So that this page stays below {_megabytes(largest_bytes)}, {left_out} are left out; each "
        "part says what it lacks. `mmfeat report RUN --largest-mb 100` keeps all, and results.json "
        "has every number.",
        tone="note",
    )
    return [replace(first, blocks=[*first.blocks, said]), *others]


def _of_section(section: Section, steps: Sequence[_Most], count: _Count) -> Section:
    most = _strictest([step for step in steps if re.search(step.within, section.id)])
    if _WHOLE.search(section.id):
        most = replace(most, rows=None)
    return replace(
        section,
        blocks=[*_of_blocks(section.blocks, most, count)],
        parts=[_of_section(part, steps, count) for part in section.parts],
    )


def _strictest(steps: Sequence[_Most]) -> _Most:
    """Return the smallest number of each kind."""

    def least(name: str) -> int | None:
        found = [getattr(step, name) for step in steps]
        return min((one for one in found if one is not None), default=None)

    return _Most(
        drawings=least("drawings"),
        scans=least("scans"),
        rows=least("rows"),
        lines=least("lines"),
    )


def _of_blocks(blocks: Sequence[Block], most: _Most, count: _Count) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Charts):
            charts = block.charts[: most.drawings]
            yield from _shown(Charts(charts), "drawings", len(charts), len(block.charts), count)
        elif isinstance(block, Pictures):
            pictures = block.pictures[: most.scans]
            yield from _shown(
                Pictures(pictures), "scans", len(pictures), len(block.pictures), count
            )
        elif isinstance(block, Table):
            rows = block.rows[: most.rows]
            yield from _shown(replace(block, rows=rows), "rows", len(rows), len(block.rows), count)
        elif isinstance(block, Bullets):
            points = block.lines[: most.rows]
            yield from _shown(
                replace(block, lines=points), "lines", len(points), len(block.lines), count
            )
        elif isinstance(block, Code):
            lines = block.text.splitlines()
            text = "\n".join(lines[: most.lines])
            n_kept = len(lines[: most.lines])
            yield from _shown(
                Code(text) if n_kept < len(lines) else block, "lines", n_kept, len(lines), count
            )
        elif isinstance(block, Folded):
            yield replace(block, blocks=[*_of_blocks(block.blocks, most, count)])
        else:
            yield block


def _shown(block: Block, name: str, n_kept: int, n_all: int, count: _Count) -> Iterator[Block]:
    """Give a block, unless nothing of it is kept, and what it lacks."""
    count.add(name, n_kept, n_all)
    if n_kept or not n_all:
        yield block
    if n_kept < n_all:
        said = (
            f"The first {n_kept:,} of {n_all:,} {name}" if n_kept else f"None of {n_all:,} {name}"
        )
        yield Text(f"{said}: the page would be too large.", tone="note")


def _size(text: str) -> int:
    return len(text.encode())


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1_000_000:g} MB"
