"""Tables for papers: methods in rows, availabilities in columns, as LaTeX, Markdown or CSV."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from mmfeat.report.evaluated_run import AS_THEY_COME
from mmfeat.report.headline import headline_of
from mmfeat.report.wording import availability_name, with_interval

_LATEX = re.compile(r"[\\{}$&#^_~%]")
_LATEX_NAMES = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
_VARIANT = re.compile(r"[@~]")
"""What stands between a method and the record encoder, or the group of targets, of a result."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|#])")


def as_csv(comparison: Mapping[str, Any]) -> str:
    """Return one row for each target, run and method, with four columns for each availability."""
    targets = comparison["targets"]
    names = list(dict.fromkeys(name for one in targets.values() for name in one["availabilities"]))
    parts = ("", " low", " high", " n")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "target",
            "metric",
            "run",
            "method",
            *(f"{name}{part}" for name in names for part in parts),
        ]
    )
    for target, of_target in targets.items():
        for row in of_target["leaderboard"]:
            numbers = [
                row["values"].get(name, {}).get(part)
                for name in names
                for part in ("point", "low", "high", "n")
            ]
            writer.writerow([target, of_target["metric"], row["run"], row["method"], *numbers])
    return text.getvalue()


def as_markdown(comparison: Mapping[str, Any]) -> str:
    """Return a table for each target, the best value of each column in bold."""
    lines = []
    for target, of_target in comparison["targets"].items():
        columns, rows = _cells(comparison, of_target, bold="**{}**".format, plain=_markdown)
        lines += [f"{_markdown(target)}: {_caption(comparison, of_target)}", ""]
        lines += [_markdown_row(columns), _markdown_row(["---", *["--:"] * (len(columns) - 1)])]
        lines += [*map(_markdown_row, rows), ""]
    return "\n".join(lines)


def as_latex(comparison: Mapping[str, Any]) -> str:
    """Return a table for each target, with rules of the package booktabs."""
    lines = [r"% \usepackage{booktabs}"]
    for target, of_target in comparison["targets"].items():
        columns, rows = _cells(comparison, of_target, bold=r"\textbf{{{}}}".format, plain=_latex)
        lines += [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_latex(target)}: {_latex(_caption(comparison, of_target))}.}}",
            rf"\begin{{tabular}}{{l{'c' * (len(columns) - 1)}}}",
            r"\toprule",
            " & ".join(columns) + r" \\",
            r"\midrule",
            *(" & ".join(row) + r" \\" for row in rows),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    return "\n".join(lines) + "\n"


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = MappingProxyType(
    {"latex": as_latex, "csv": as_csv, "markdown": as_markdown}
)
"""How a table is written, by the name of the format."""


def with_rows(comparison: Mapping[str, Any], methods: Sequence[str]) -> dict[str, Any]:
    """Return a comparison whose leaderboards have some methods only, in the order given.

    A method stands for all of its results: `paper` also for `paper@tabm` and `paper~together`.
    """
    targets = {}
    for target, of_target in comparison["targets"].items():
        places = {
            id(row): methods.index(name)
            for row in of_target["leaderboard"]
            if (name := _VARIANT.split(row["method"])[0]) in methods
        }
        rows = [row for row in of_target["leaderboard"] if id(row) in places]
        rows.sort(key=lambda row: (places[id(row)], row["method"]))
        targets[target] = {**of_target, "leaderboard": rows}
    return {**comparison, "targets": targets}


def _caption(comparison: Mapping[str, Any], of_target: Mapping[str, Any]) -> str:
    intervals = comparison["intervals"]
    share = f"{100 * intervals['confidence']:g} %"
    return (
        f"{headline_of(of_target['kind']).name} [{share} interval of {intervals['resamples']} "
        "resamples of patients]"
    )


def _cells(
    comparison: Mapping[str, Any],
    of_target: Mapping[str, Any],
    *,
    bold: Callable[[str], str],
    plain: Callable[[str], str],
) -> tuple[list[str], list[list[str]]]:
    """Return headings and rows as texts of one format."""
    names, rows = of_target["availabilities"], of_target["leaderboard"]
    modalities = comparison["runs"][0]["modalities"]
    best = {
        name: max(
            (row["values"][name]["point"] for row in rows if _value(row, name) is not None),
            default=None,
        )
        for name in names
    }
    several = len(comparison["runs"]) > 1
    columns = [
        "method",
        *(f"{_heading(name, modalities)} (n = {_size(rows, name)})" for name in names),
    ]
    table = []
    for row in rows:
        cells = []
        for name in names:
            estimate = row["values"].get(name)
            text = "" if estimate is None else with_interval(estimate)
            if text and estimate["point"] is not None and estimate["point"] == best[name]:
                point, gap, interval = text.partition(" ")
                text = f"{bold(point)}{gap}{interval}"
            cells.append(text)
        label = f"{row['run']}: {row['method']}" if several else row["method"]
        table.append([plain(label), *cells])
    return [plain(name) for name in columns], table


def _value(row: Mapping[str, Any], name: str) -> float | None:
    point: float | None = row["values"].get(name, {}).get("point")
    return point


def _size(rows: Sequence[Mapping[str, Any]], name: str) -> int:
    return next((int(row["values"][name]["n"]) for row in rows if name in row["values"]), 0)


def _heading(name: str, modalities: Sequence[str]) -> str:
    return name if name == AS_THEY_COME else availability_name(name, modalities)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _latex(text: str) -> str:
    return _LATEX.sub(lambda found: _LATEX_NAMES.get(found[0], f"\\{found[0]}"), text)
