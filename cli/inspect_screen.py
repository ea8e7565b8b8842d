"""Show what an inspection found: on a terminal with pictures, elsewhere as text alone."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from . import console as consoles
from .inspect_drawing import drawn_histogram, drawn_pictures

if TYPE_CHECKING:
    from mmfeat.stages.inspection.cohort import InspectedCohort
    from mmfeat.stages.inspection.scan import InspectedScan

_STYLES = {
    "unreadable": "bold red",
    "reject": "bold red",
    "warn": "yellow",
    "info": "dim",
    "pass": "green",
}
_WIDEST = 110
_SHOWN_CASES = 10


def show_scan(found: "InspectedScan") -> None:
    """Print verdict, facts, histogram and, on a terminal, the slices."""
    from mmfeat.quality.wording import header_lines, measured_lines

    console = consoles.console
    facts, outcome = found.look.facts, found.verdict.outcome
    console.print(Text.assemble(f"{found.path}: ", (outcome, _STYLES[outcome])), soft_wrap=True)
    for one in found.verdict.findings:
        line = Text.assemble("  ", (one.severity, _STYLES[one.severity]), f" {one.code}: ")
        console.print(line.append(one.message), soft_wrap=True)
    console.print()
    console.print(_grid(measured_lines(facts) | header_lines(facts)))
    console.print()
    width = min(console.width, _WIDEST)
    for text in drawn_histogram(found.look.histogram, width, ascii_only=console.options.ascii_only):
        console.print(text)
    if console.is_terminal and console.color_system is not None:
        console.print(drawn_pictures(found.look.pictures, width), soft_wrap=True)
    if found.view is not None:
        console.print(f"{found.view.encoder} sees it: {found.view.summary}", soft_wrap=True)
        if found.view.pictures and console.is_terminal and console.color_system is not None:
            console.print(drawn_pictures(found.view.pictures, width), soft_wrap=True)
    console.print(f"picture: {found.figure}", soft_wrap=True)


def show_cohort(found: "InspectedCohort") -> None:
    """Print how many scans came out how, the worst of them, and where the files are."""
    console = consoles.console
    counts = {name: str(count) for name, count in found.counts.items()}
    console.print(_grid({"scans": str(len(found.cases)), **counts}))
    if found.code_counts:
        console.print()
        console.print(_grid({code: str(count) for code, count in found.code_counts.items()}))
    for case in found.cases[: min(found.n_failed, _SHOWN_CASES)]:  # the worst come first
        line = Text.assemble("  ", (case.standing, _STYLES[case.standing]))
        console.print(line.append(f": {case.scan.case_id}: {case.why}"), soft_wrap=True)
    if found.n_failed > _SHOWN_CASES:
        console.print(f"  and {found.n_failed - _SHOWN_CASES} more, all in the contact sheet")
    console.print()
    for name, path in {"contact sheet": found.sheet, "table": found.table}.items():
        console.print(f"{name}: {path}", soft_wrap=True)


def _grid(lines: Mapping[str, str]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, value in lines.items():
        grid.add_row(Text(name, style="dim"), value)
    return grid
