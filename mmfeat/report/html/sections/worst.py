"""Single cases that were predicted worst, to look at."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.html.blocks import Cell, Folded, Row, Section, Table
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import absent, number_cell, reason_of
from mmfeat.report.wording import availability_name


def worst_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with the worst cases of the default method, the others behind a click."""
    title = "Cases worth a look"
    found = source.results["targets"][target].get("worst_cases")
    if reason := reason_of(found):
        return Section(f"{id}-worst", title, absent(reason))
    block: Mapping[str, Any] = found or {}
    tables = {
        method: _table(source, method, cases, block["measure"])
        for method, cases in block["methods"].items()
    }
    first, *others = tables
    blocks = [
        Folded(f"The {len(block['methods'][first])} worst predictions of {first}", [tables[first]])
    ]
    if others:
        blocks.append(
            Folded(f"Those of {', '.join(others)}", [tables[method] for method in others])
        )
    return Section(f"{id}-worst", title, blocks)


def _table(source: PageSource, method: str, cases: list[Mapping[str, Any]], measure: str) -> Table:
    rows = [
        Row(
            [
                Cell(one["case_id"]),
                Cell(one["patient_id"]),
                Cell(f"{one['fold']}", value=float(one["fold"])),
                Cell(availability_name(one["availability"], source.modalities)),
                Cell(_said(one["label"])),
                Cell(_said(one["prediction"])),
                number_cell(one["loss"]),
            ]
        )
        for one in cases
    ]
    head = ("Case", "Patient", "Fold", "Has", "True", "Predicted", measure.capitalize())
    note = "Large errors are often wrong labels, swapped scans or rare disease."
    return Table(f"Worst first, {method}", head, rows, note)


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    return str(value)
