"""How well each method does with each set of modalities."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import Block, Cell, Chart, Charts, Folded, Row, Section, Table, Text
from mmfeat.report.html.forest_chart import ForestItem, forest_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.comparison import gain_chart
from mmfeat.report.html.words import estimate_cell, method_cell, method_number, reasons_note
from mmfeat.report.wording import availability_name, with_interval

_MEANS = {"multiclass": "mean over classes", "multilabel": "mean over labels"}
_NATURAL = "as they come"


def performance_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with the headline metric by method and availability, and all others."""
    of_target = source.results["targets"][target]
    headline = headline_of(of_target["kind"])
    mean = _MEANS.get(of_target["kind"])
    name = f"{headline.name}, {mean}" if mean else headline.name
    blocks: list[Block] = [_method_table(source, of_target, name, headline.metric)]
    complete = of_target["complete_cases"]
    if complete["n"]:
        charts = [_forest(source, target, f"{name} on the same {complete['n']:,} cases")]
        gain = gain_chart(source, target)
        blocks.append(Charts([*charts, gain] if gain else charts))
    else:
        blocks.append(Text(f"No comparison on the same cases: {complete['reason']}.", tone="note"))
    ceiling = of_target.get("ceiling")
    if ceiling and ceiling["auroc"]["point"] is not None:
        reached = with_interval(ceiling["auroc"])
        blocks.append(
            Text(
                f"The true risk, which only a made-up cohort has, reaches {reached} on the cases "
                "with everything: no model can be expected to do better.",
                tone="note",
            )
        )
    blocks.append(Folded("All metrics", _all_metrics(source, of_target)))
    return Section(f"{id}-performance", "Performance", blocks)


def _method_table(
    source: PageSource, of_target: Mapping[str, Any], name: str, metric: str
) -> Table:
    """Return methods by availabilities; the cases of a column are those that have its set."""
    seen, methods = of_target["availabilities"], of_target["methods"]
    sizes = {
        one: entry["n"]
        for entries in methods.values()
        for one, entry in entries["simulated"].items()
    }
    head = ["Method", *(f"{availability_name(one, source.modalities)}" for one in seen), _NATURAL]
    rows = [
        Row(
            [
                method_cell(method, source.methods),
                *(estimate_cell(_metric(entries["simulated"].get(one), metric)) for one in seen),
                estimate_cell(_metric(entries["natural"], metric)),
            ],
            method=method_number(method, source.methods),
            is_strong=method == source.results["default_method"],
        )
        for method, entries in methods.items()
    ]
    counted = ", ".join(
        f"{availability_name(one, source.modalities)}: {sizes[one]:,}" for one in seen
    )
    first = next(iter(methods.values()))["natural"]
    whole = f"; {_NATURAL}: {first['n']:,}" if first else ""
    note = (
        f"Cases in each column ({counted}{whole}) differ; compare within a column. "
        f"“{_NATURAL}” is every case with what it really has."
    )
    level = f"{100 * source.results['intervals']['confidence']:g} % interval"
    return Table(f"{name} [{level}]", head, rows, note)


def _metric(entry: Mapping[str, Any] | None, metric: str) -> Mapping[str, Any] | None:
    return entry["metrics"].get(metric) if entry else None


def _forest(source: PageSource, target: str, title: str) -> Chart:
    of_target = source.results["targets"][target]
    headline = headline_of(of_target["kind"])
    found = of_target["complete_cases"]["methods"]
    items = []
    for name in of_target["availabilities"]:
        group = availability_name(name, source.modalities)
        for method, entries in found.items():
            estimate = entries[name]["metrics"][headline.metric] if name in entries else None
            if estimate and estimate["point"] is not None:
                items.append(
                    ForestItem(
                        group,
                        f"{method}, {group}",
                        estimate["point"],
                        estimate["low"],
                        estimate["high"],
                        with_interval(estimate),
                        method_number(method, source.methods),
                    )
                )
    return forest_chart(title, items, axis=headline.name, reference=headline.no_skill)


def _all_metrics(source: PageSource, of_target: Mapping[str, Any]) -> list[Block]:
    """Return a table of every metric for each availability, and for each output of the default."""
    blocks: list[Block] = []
    for name in (*of_target["availabilities"], ""):
        entries = {
            method: one["simulated"].get(name) if name else one["natural"]
            for method, one in of_target["methods"].items()
        }
        title = availability_name(name, source.modalities) if name else "Cases as they come"
        blocks.append(_metric_table(title, {k: v for k, v in entries.items() if v}))
    method = next(iter(of_target["methods"]))
    most = of_target["availabilities"][0]
    full = of_target["methods"][method]["simulated"].get(most)
    if full and full.get("outputs"):
        title = f"Each output, {method}, {availability_name(most, source.modalities)}"
        blocks.append(_output_table(title, full["outputs"]))
    return blocks


def _metric_table(title: str, entries: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return a row for each metric, and a column for each method."""
    names = list(dict.fromkeys(name for one in entries.values() for name in one["metrics"]))
    rows = [
        Row(
            [
                Cell(spelt(name)),
                *(estimate_cell(one["metrics"].get(name)) for one in entries.values()),
            ]
        )
        for name in names
    ]
    head = ["Metric", *entries]
    if not entries:
        return Table(f"{title}: no cases", head, rows)
    first = next(iter(entries.values()))
    return Table(f"{title}: {first['n']:,} cases", head, rows, reasons_note(first["metrics"]))


def _output_table(title: str, outputs: Mapping[str, Mapping[str, Any]]) -> Table:
    names: Sequence[str] = list(dict.fromkeys(name for one in outputs.values() for name in one))
    rows = [
        Row([Cell(spelt(name)), *(estimate_cell(one.get(name)) for one in outputs.values())])
        for name in names
    ]
    return Table(title, ["Metric", *outputs], rows)


_AT = re.compile(r"(sensitivity|specificity)_at_(specificity|sensitivity)_(\d+)")
_SPELT = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier",
    "log_loss": "Log loss",
    "ece": "ECE",
    "calibration_intercept": "Calibration intercept",
    "calibration_slope": "Calibration slope",
    "balanced_accuracy": "Balanced accuracy",
    "r2": "R²",
    "mae": "MAE",
    "rmse": "RMSE",
    "spearman": "Spearman",
    "c_index": "C-index",
    "uno_c": "Uno's C",
    "auroc_td": "AUROC, time-dependent",
    "brier_ipcw": "Brier, IPCW",
    "integrated_brier": "Integrated Brier",
}


def spelt(metric: str) -> str:
    """Return a metric's name as people write it.

    Example:
        >>> spelt("c_index"), spelt("sensitivity_at_specificity_90")
        ('C-index', 'Sensitivity at 90 % specificity')
    """
    if match := _AT.fullmatch(metric):
        return f"{match[1].capitalize()} at {match[3]} % {match[2]}"
    words = metric.replace("_", " ")
    return _SPELT.get(metric, words[:1].upper() + words[1:])
