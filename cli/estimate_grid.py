"""Tables of estimates with their intervals, in any width of a screen."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from mmfeat.report.wording import with_interval

from .console import PlainConsole


def estimate_grid(
    width: int,
    title: str,
    corner: str,
    columns: Sequence[str],
    rows: Mapping[str, Sequence[Mapping[str, Any] | None]],
    *,
    signed: bool = False,
) -> Table:
    """Return a table of estimates: each on one line where the width allows it, or on two."""

    def filled(separator: str) -> Table:
        table = titled_table(title, (corner, *columns))
        for name, estimates in rows.items():
            cells = [
                "" if one is None else with_interval(one, signed=signed, separator=separator)
                for one in estimates
            ]
            table.add_row(name, *cells)
        return table

    on_one_line = filled(" ")
    wanted = PlainConsole(width=10 * width).measure(on_one_line).maximum
    return on_one_line if wanted <= width else filled("\n")


def titled_table(title: str, headings: Sequence[str]) -> Table:
    """Return an empty table of results, its title at the left."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="italic",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in headings:
        table.add_column(name)
    return table
