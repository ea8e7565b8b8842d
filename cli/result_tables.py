"""Show results on screen: tables by method and availability, and comparisons in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mmfeat.report.headline import Headline, headline_of
from mmfeat.report.wording import availability_name

from .caution_sentences import caution_sentences
from .estimate_grid import estimate_grid
from .missing_cells_table import missing_cells_table
from .operating_points_table import operating_points_table, recalibration_sentences
from .result_sentences import (
    ceiling_sentences,
    complete_cases_sentence,
    natural_sentence,
    size_sentence,
    verdict_sentences,
    view_sentences,
)

_MEANS = {"multiclass": ", mean over classes", "multilabel": ", mean over labels"}
_MEANS_OF_OTHERS = {"time_to_event": ", mean over horizons"}


def show_results(console: Console, results: Mapping[str, Any], run: Path) -> None:
    """Print the results of all targets, and where the files are."""
    for target in results["targets"]:
        _show_target(console, target, results)
    files = [run / "results.json", run / "predictions.parquet"]
    if any(of_target.get("missing_cells") for of_target in results["targets"].values()):
        files.append(run / "missing_cells.parquet")
    files += [run / name for names in results["figures"].values() for name in names]
    _show_lines(console, [f"warning: {warning}" for warning in results.get("warnings", ())])
    _show_lines(console, results.get("training", {}).get("notes", ()))
    console.print("Results and figures:", style="bold")
    for file in files:
        console.print(f"  {file}", soft_wrap=True)
    for sentence in verdict_sentences(results):
        console.print(sentence, style="bold")


def _show_target(console: Console, target: str, results: Mapping[str, Any]) -> None:
    of_target, modalities = results["targets"][target], results["modalities"]
    method = next(iter(of_target["methods"]))
    default = of_target["methods"][method]
    console.rule(Text(target, style="bold"), align="left")
    console.print(size_sentence(of_target, default["natural"]))
    headline, mean = headline_of(of_target["kind"]), _MEANS.get(of_target["kind"], "")
    others = mean or _MEANS_OF_OTHERS.get(of_target["kind"], "")
    interval = f"[{100 * results['intervals']['confidence']:g} % interval]"
    tables = [
        _method_table(console.width, of_target, modalities, f"{headline.name}{mean} {interval}"),
        _other_metrics_table(
            console.width,
            default,
            modalities,
            f"Other metrics of {method}{others} {interval}",
            headline.others,
        ),
    ]
    for table in tables:
        console.print()
        console.print(table)
    said = [natural_sentence(method, of_target, modalities), *_reasons(default, headline)]
    said += recalibration_sentences(method, of_target)
    _show_lines(console, said + caution_sentences(of_target))
    points = operating_points_table(console.width, method, of_target, interval)
    if points is not None:
        console.print()
        console.print(points)
    console.print()
    console.print(complete_cases_sentence(of_target, modalities))
    _show_lines(
        console, view_sentences(method, of_target, modalities) + ceiling_sentences(of_target)
    )
    more = [_versus_table(console.width, method, of_target, modalities)]
    if of_target.get("missing_cells"):
        title = f"{headline.name} of {method}{mean} as cells of the record go missing {interval}"
        block = of_target["missing_cells"]
        more.append(missing_cells_table(console.width, method, block, title, headline.metric))
    for table in more:
        if table.row_count:
            console.print()
            console.print(table)
    console.print()


def _show_lines(console: Console, lines: Sequence[str]) -> None:
    if not lines:
        return
    grid = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        grid.add_row("-", line)
    console.print(grid)


def _method_table(
    width: int, of_target: Mapping[str, Any], modalities: Sequence[str], title: str
) -> Table:
    """Return methods by availabilities, or the other way round where that is narrower."""
    names, methods = of_target["availabilities"], list(of_target["methods"])
    simulated = {method: of_target["methods"][method]["simulated"] for method in methods}
    sizes = {name: entry["n"] for entries in simulated.values() for name, entry in entries.items()}
    seen = {name: f"{availability_name(name, modalities)} ({sizes[name]})" for name in names}
    metric = headline_of(of_target["kind"]).metric
    found = {
        (method, name): entry["metrics"][metric]
        for method, entries in simulated.items()
        for name, entry in entries.items()
    }
    by_method = {method: [found.get((method, name)) for name in names] for method in methods}
    if len(names) <= len(methods) or _needed(by_method, len(names)) <= width:
        return estimate_grid(width, title, "method", list(seen.values()), by_method)
    by_name = {seen[name]: [found.get((method, name)) for method in methods] for name in names}
    return estimate_grid(width, title, "seen", methods, by_name)


def _other_metrics_table(
    width: int,
    default: Mapping[str, Any],
    modalities: Sequence[str],
    title: str,
    shown: Mapping[str, str],
) -> Table:
    entries = {
        availability_name(name, modalities): entry for name, entry in default["simulated"].items()
    }
    if default["natural"]:
        entries["as they come"] = default["natural"]
    rows = {
        label: [entry["metrics"][name] for name in shown.values()]
        for label, entry in entries.items()
    }
    return estimate_grid(width, title, "seen", list(shown), rows)


def _versus_table(
    width: int, method: str, of_target: Mapping[str, Any], modalities: Sequence[str]
) -> Table:
    """Return the method's gain over each baseline, seen through each availability."""
    headline = headline_of(of_target["kind"])
    found = {
        (one["minus_method"], one["availability"]): one["metrics"][headline.metric]
        for one in of_target["complete_cases"].get("differences", [])
        if one["method"] == method and one["minus_method"] != method
    }
    names = list(dict.fromkeys(name for _, name in found))
    baselines = dict.fromkeys(baseline for baseline, _ in found)
    return estimate_grid(
        width,
        f"{method} minus a baseline, {headline.name} on the same cases",
        "baseline",
        [availability_name(name, modalities) for name in names],
        {baseline: [found.get((baseline, name)) for name in names] for baseline in baselines},
        signed=True,
    )


def _needed(rows: Mapping[str, Any], n_columns: int) -> int:
    """Return the width of a table whose values and intervals stand on one line."""
    return max(map(len, rows), default=0) + n_columns * len("  0.000 [0.000, 0.000]")


def _reasons(default: Mapping[str, Any], headline: Headline) -> list[str]:
    """Return why numbers of the default method are missing, or what was left out of them."""
    shown = (headline.metric, *headline.others.values())
    entries = default["simulated"] | {"as they come": default["natural"] or {"metrics": {}}}
    found = [
        f"{name}: {estimate['reason']}"
        for name, entry in entries.items()
        for metric, estimate in entry["metrics"].items()
        if estimate["reason"] and metric in shown
    ]
    return list(dict.fromkeys(found))
