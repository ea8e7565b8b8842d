"""How the default method does in groups of patients, and how far they lie apart."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import Block, Cell, Charts, Row, Section, Table, Text
from mmfeat.report.html.forest_chart import ForestItem, forest_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import absent, count_cell, estimate_cell, p_cell, reason_of
from mmfeat.report.wording import with_interval


def subgroups_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with groups of patients, one drawing and one table a grouping."""
    of_target = source.results["targets"][target]
    title = "Groups of patients"
    found = of_target.get("subgroups")
    if reason := reason_of(found):
        return Section(f"{id}-subgroups", title, absent(reason))
    block: Mapping[str, Any] = found or {}
    headline = headline_of(of_target["kind"])
    items, rows, gaps = [], [], []
    lacking = []
    for grouping in block["groupings"]:
        if "groups" not in grouping:
            lacking.append(f"{grouping['name']}: {grouping['reason']}")
            continue
        for one in grouping["groups"]:
            rows.append(_row(grouping["name"], one, headline.metric))
            estimate = (one.get("metrics") or {}).get(headline.metric)
            if estimate and estimate["point"] is not None:
                items.append(_item(grouping["name"], one["group"], estimate))
        gaps += [
            _gap_row(grouping["name"], one, headline.metric) for one in grouping.get("gaps", ())
        ]
    blocks: list[Block] = []
    if items:
        reference = headline.no_skill
        chart = forest_chart(
            f"{headline.name} by group", items, axis=headline.name, reference=reference
        )
        blocks.append(Charts([chart]))
    note = (
        f"{block['method']} on cases as they come. Groups with fewer than {block['least']} cases "
        "of an outcome are counted and not judged."
    )
    head = ("Grouping", "Group", "Cases", "Patients", headline.name, "Remark")
    blocks.append(Table("Groups", head, rows, note))
    if gaps:
        head = ("Grouping", "Group", "Minus", f"Difference in {headline.name}", "p", "p, Holm")
        blocks.append(Table("How far groups lie apart", head, gaps))
    if lacking:
        blocks.append(Text("; ".join(lacking), tone="note"))
    return Section(f"{id}-subgroups", title, blocks)


def _item(grouping: str, group: str, estimate: Mapping[str, Any]) -> ForestItem:
    return ForestItem(
        f"{grouping}: {group}",
        f"{grouping} {group}",
        estimate["point"],
        estimate["low"],
        estimate["high"],
        with_interval(estimate),
    )


def _row(grouping: str, one: Mapping[str, Any], metric: str) -> Row:
    estimate = (one.get("metrics") or {}).get(metric)
    return Row(
        [
            Cell(grouping),
            Cell(one["group"]),
            count_cell(one["n"]),
            count_cell(one.get("n_patients")),
            estimate_cell(estimate),
            Cell(one.get("suppressed") or (estimate or {}).get("reason") or "", tone="note"),
        ]
    )


def _gap_row(grouping: str, gap: Mapping[str, Any], metric: str) -> Row:
    difference = gap["metrics"].get(metric)
    return Row(
        [
            Cell(grouping),
            Cell(gap["group"]),
            Cell(gap["minus_group"]),
            estimate_cell(difference, signed=True),
            p_cell((difference or {}).get("p")),
            p_cell((difference or {}).get("p_holm")),
        ]
    )
