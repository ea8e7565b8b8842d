"""What a page of results is made of: plain values that the template knows how to show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["plain", "lead", "note", "good", "bad", "unsure", "warning"]


_MANY_INTERVALS = 5


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"
    heading: str = ""
    """Shown above it, where it stands in a frame."""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    lines: Sequence[str]
    tone: Tone = "plain"


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    text: str
    sub: str = ""
    """In small type after it, such as an interval."""
    value: float | str | None = None
    """By what a click on the column's head sorts; a number puts the cell to the right."""
    method: int | None = None
    """Number of the method that the cell names, for its colour."""
    tone: Tone = "plain"
    link: str = ""
    """Id of the part of the page to which its text leads."""


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    cells: Sequence[Cell]
    method: int | None = None
    """Number of the method that the row is about: it goes when the method is switched off."""
    is_strong: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a heading for each column; readers sort it by a click."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
    is_wide: bool = False
    """Whether the text of its cells is long and may be broken."""

    @property
    def numbers(self) -> tuple[bool, ...]:
        """Say which columns hold numbers, and stand to the right."""
        return tuple(
            any(
                isinstance(row.cells[at].value, float) or row.cells[at].value == ""
                for row in self.rows
                if at < len(row.cells)
            )
            for at in range(len(self.head))
        )

    @property
    def is_dense(self) -> bool:
        """Say whether so many columns have intervals that those stand below their values."""
        columns = {
            at
            for row in self.rows
            for at, cell in enumerate(row.cells)
            if cell.sub and isinstance(cell.value, float)
        }
        return len(columns) >= _MANY_INTERVALS


@dataclass(frozen=True)
class Chart:
    """One drawing."""

    svg: str
    """Markup that needs nothing else."""
    title: str
    caption: str = ""


@dataclass(frozen=True)
class Charts:
    """Drawings side by side, or below each other where the page is narrow."""

    charts: Sequence[Chart]

    @property
    def has_methods(self) -> bool:
        """Say whether methods are told apart in any of them."""
        return any('class="mark m' in chart.svg for chart in self.charts)


@dataclass(frozen=True)
class Facts:
    """Names and values."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Tile:
    """One large number, and what it is."""

    name: str
    value: str
    detail: str = ""
    tone: Tone = "plain"


@dataclass(frozen=True)
class Tiles:
    """Large numbers side by side."""

    tiles: Sequence[Tile]


@dataclass(frozen=True)
class Step:
    """One step of the way of the cases, and who left there."""

    name: str
    count: str
    detail: str = ""
    left: Sequence[str] = ()


@dataclass(frozen=True)
class Steps:
    """The way of the cases through a study, from above to below."""

    steps: Sequence[Step]


@dataclass(frozen=True)
class Picture:
    """One scan: its slices, and what was found."""

    name: str
    standing: str
    """unreadable, reject, warn or pass."""
    source: str
    """The picture itself as a ``data:`` address; empty where there is none."""
    lines: Sequence[str]


@dataclass(frozen=True)
class Pictures:
    """Scans side by side."""

    pictures: Sequence[Picture]


@dataclass(frozen=True)
class Code:
    """Text as it is, such as settings."""

    text: str


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    id: str = ""


@dataclass(frozen=True)
class Folded:
    """Blocks behind a click."""

    summary: str
    blocks: Sequence["Block"]


Block = Text | Bullets | Table | Charts | Facts | Tiles | Steps | Pictures | Code | Heading | Folded


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading, to which the contents lead."""

    id: str
    title: str
    blocks: Sequence[Block]
    parts: Sequence["Section"] = field(default_factory=tuple)
    """Parts within it, with headings of their own."""
    number: str = ""
