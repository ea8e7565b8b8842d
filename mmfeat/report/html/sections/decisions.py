"""What acting on the predictions would mean: thresholds, confusion tables and net benefit."""

from collections.abc import Iterator, Mapping
from typing import Any

from mmfeat.report.html.blocks import (
    Block,
    Cell,
    Chart,
    Charts,
    Folded,
    Heading,
    Row,
    Section,
    Table,
    Text,
)
from mmfeat.report.html.line_chart import Frame, Series, line_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import (
    NONE,
    absent,
    count_cell,
    estimate_cell,
    method_cell,
    method_number,
    reason_of,
)
from mmfeat.report.wording import output_name

_RATES = ("sensitivity", "specificity", "ppv", "npv", "f1")
_SPELT = {"ppv": "PPV", "npv": "NPV", "f1": "F1"}
_MOST_OUTPUTS = 6
_NOTE = (
    "Thresholds are chosen on the validation part of each fold and applied to its test part; shown "
    "are cases as they come, with what they really have."
)


def decisions_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with operating points and decision curves."""
    of_target = source.results["targets"][target]
    title = "Acting on it"
    if of_target["kind"] == "regression":
        return Section(f"{id}-decisions", title, [])
    return Section(
        f"{id}-decisions",
        title,
        [*_net_benefit(source, target), *_operating_points(source, target)],
    )


def _net_benefit(source: PageSource, target: str) -> list[Block]:
    found = source.results["targets"][target].get("decision_curve")
    heading = Heading("Decision curves")
    if reason := reason_of(found):
        return [heading, *absent(reason)]
    charts = list(_net_benefit_charts(source, target, found or {}))
    text = (
        "Net benefit: true positives minus false positives, weighted by the odds of the threshold, "
        "per case (Vickers and Elkin 2006). A model is of use where it lies above both acting on "
        "everybody and on nobody."
    )
    return [heading, Charts(charts), Text(text, tone="note")]


def _net_benefit_charts(
    source: PageSource, target: str, found: Mapping[str, Any]
) -> Iterator[Chart]:
    of_target = source.results["targets"][target]
    at = found["thresholds"]
    for output, one in list(found["outputs"].items())[:_MOST_OUTPUTS]:
        if "methods" not in one:
            continue
        curves = {method: curve["net_benefit"] for method, curve in one["methods"].items()}
        series = [
            Series(method, at, values, method=method_number(method, source.methods))
            for method, values in curves.items()
        ]
        series += [
            Series("everybody", at, one["treat_all"], is_faint=True),
            Series("nobody", [0, 1], [0, 0], is_faint=True),
        ]
        known = [value for values in curves.values() for value in values if value is not None]
        top = max([one["prevalence"], *known])
        frame = Frame("Threshold", "Net benefit", y_limits=(-0.25 * top, 1.1 * top), digits=3)
        name = output_name(target, of_target["kind"], output)
        yield line_chart(f"Net benefit of {name}", series, frame)


def _operating_points(source: PageSource, target: str) -> list[Block]:
    of_target = source.results["targets"][target]
    found = of_target.get("operating_points")
    heading = Heading("Operating points")
    if reason := reason_of(found):
        return [heading, *absent(reason)]
    block: Mapping[str, Any] = found or {}
    method = next(iter(block["methods"]))
    natural = block["methods"][method].get("natural") or {}
    blocks: list[Block] = [heading]
    if reason := reason_of(natural):
        return [heading, *absent(reason)]
    words = {rule["name"]: rule["words"] for rule in block["rules"]}
    for output, one in natural["outputs"].items():
        name = output_name(target, of_target["kind"], output)
        blocks.append(_point_table(source, f"{name}, {method}", words, {method: one}))
        others = {
            other: entry["natural"]["outputs"][output]
            for other, entry in block["methods"].items()
            if other != method and output in ((entry.get("natural") or {}).get("outputs") or {})
        }
        if others:
            table = _point_table(source, f"{name}, other methods", words, others)
            blocks.append(Folded(f"Other methods, {name}", [table]))
    if confusion := natural.get("confusion"):
        blocks.append(_confusion_table(confusion, method))
    return [*blocks, Text(_NOTE, tone="note")]


def _point_table(
    source: PageSource, caption: str, words: Mapping[str, str], points: Mapping[str, Any]
) -> Table:
    head = ["Method", "Threshold", "TP", "FP", "FN", "TN"]
    head += [_SPELT.get(name, name.capitalize()) for name in _RATES]
    rows = []
    lacking = []
    for method, one in points.items():
        for rule, point in one["points"].items():
            if "tp" not in point:
                lacking.append(f"{words.get(rule, rule)}: {point['reason']}")
                continue
            rows.append(
                Row(
                    [
                        method_cell(method, source.methods),
                        Cell(words.get(rule, rule), _thresholds(point["thresholds"])),
                        *(count_cell(point[name]) for name in ("tp", "fp", "fn", "tn")),
                        *(estimate_cell(point.get(name), digits=2) for name in _RATES),
                    ],
                    method=method_number(method, source.methods),
                )
            )
    return Table(caption, head, rows, "; ".join(lacking))


def _thresholds(by_fold: Mapping[str, float | None]) -> str:
    """Return the range of thresholds over the folds."""
    known = [one for one in by_fold.values() if one is not None]
    if not known:
        return NONE
    low, high = min(known), max(known)
    return f"at {low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"at {low:.2f} to {high:.2f}"


def _confusion_table(confusion: Mapping[str, Any], method: str) -> Table:
    classes = confusion["classes"]
    rows = [
        Row(
            [
                Cell(name),
                *(count_cell(count) for count in counts),
                estimate_cell((confusion.get("recall") or {}).get(name), digits=2),
            ]
        )
        for name, counts in zip(classes, confusion["counts"], strict=True)
    ]
    head = ["True", *(f"said to be {name}" for name in classes), "Recall"]
    return Table(f"Most probable class, {method}", head, rows)
