"""Show evaluated runs side by side."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmfeat.report.evaluated_run import AS_THEY_COME
from mmfeat.report.headline import headline_of
from mmfeat.report.wording import availability_name, p_value, with_interval

from .estimate_grid import estimate_grid, titled_table


def show_comparison(console: Console, comparison: Mapping[str, Any]) -> None:
    """Print a leaderboard and the differences to the baseline for each target."""
    modalities = comparison["runs"][0]["modalities"]
    for target, of_target in comparison["targets"].items():
        console.rule(Text(target, style="bold"), align="left")
        console.print(_leaderboard(console.width, comparison, of_target))
        console.print()
        if of_target["differences"]:
            console.print(_differences(comparison, of_target, modalities))
            console.print()
    for note in comparison["notes"]:
        console.print(f"- {note}", soft_wrap=True)
    for run in comparison["runs"]:
        console.print(f"{run['name']}: {_verdict(run)}", style="bold")


def _verdict(run: Mapping[str, Any]) -> str:
    if run["verdict"] is None:
        return "no verdict, for it was evaluated by an earlier version"
    return str(run["verdict"]["sentence"])


def _seen(name: str, of_target: Mapping[str, Any], modalities: list[str]) -> str:
    """Return how a column is called, with its number of cases."""
    known = name if name == AS_THEY_COME else availability_name(name, modalities)
    values = (row["values"].get(name) for row in of_target["leaderboard"])
    return f"{known} ({next(one['n'] for one in values if one)})"


def _leaderboard(width: int, comparison: Mapping[str, Any], of_target: Mapping[str, Any]) -> Table:
    names = of_target["availabilities"]
    several = len(comparison["runs"]) > 1
    rows = {
        f"{row['rank']}. {row['run'] + ' ' if several else ''}{row['method']}": [
            row["values"].get(name) for name in names
        ]
        for row in of_target["leaderboard"]
    }
    share = f"{100 * comparison['intervals']['confidence']:g} % interval"
    title = f"{headline_of(of_target['kind']).name} [{share}], the best in the first column first"
    modalities = comparison["runs"][0]["modalities"]
    columns = [_seen(name, of_target, modalities) for name in names]
    return estimate_grid(width, title, "run and method" if several else "method", columns, rows)


def _differences(
    comparison: Mapping[str, Any], of_target: Mapping[str, Any], modalities: list[str]
) -> Table:
    table = titled_table(
        f"Differences to {comparison['baseline']} on the same cases",
        ("run and method", "minus", "seen", "difference", "p", "p (Holm)"),
    )
    for one in of_target["differences"]:
        name = one["availability"]
        gain = one["difference"]
        table.add_row(
            f"{one['run']} {one['method']}",
            one["minus_method"],
            name if name == AS_THEY_COME else availability_name(name, modalities),
            with_interval(gain, signed=True),
            *(_p(p) for p in (gain["p"], one["tests"]["p_holm"])),
        )
    return table


def _p(p: float | None) -> str:
    return "-" if p is None else p_value(p).removeprefix("p = ").removeprefix("p ")
