"""Differences of methods and sets of modalities on the same cases, with every test of them."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import Block, Cell, Chart, Folded, Row, Section, Table, Text
from mmfeat.report.html.forest_chart import ForestItem, forest_chart
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import (
    NONE,
    absent,
    estimate_cell,
    method_cell,
    method_number,
    p_cell,
)
from mmfeat.report.wording import availability_name, p_value, with_interval

_NOTE = (
    "Difference: left minus right, on the same cases in the same resamples of patients. p, "
    "resampling: from the resamples; Holm: adjusted for all comparisons of the family; DeLong: "
    "from the variance of AUROC, folds apart; corrected t: Nadeau and Bengio's test over "
    "the folds."
)


def comparison_part(source: PageSource, target: str, id: str) -> Section:
    """Return the part with what beats what: modalities first, then methods."""
    of_target = source.results["targets"][target]
    found = of_target["complete_cases"].get("differences", [])
    title = "What beats what"
    if not found:
        why = of_target["complete_cases"].get("reason") or "there is only one method and modality"
        return Section(f"{id}-comparison", title, absent(f"nothing to compare: {why}"))
    of_modalities = [one for one in found if one["method"] == one["minus_method"]]
    of_methods = [one for one in found if one["method"] != one["minus_method"]]
    blocks: list[Block] = []
    if of_modalities:
        caption = "Everything against one modality, by the same method"
        blocks.append(_table(source, of_target, of_modalities, caption))
    default = source.results["default_method"]
    of_default = [one for one in of_methods if one["method"] == default]
    of_others = [one for one in of_methods if one["method"] != default]
    if of_default:
        caption = f"{default} against baselines that see the same"
        blocks.append(_table(source, of_target, of_default, caption))
    blocks.append(Text(_NOTE, tone="note"))
    if of_others:
        table = _table(source, of_target, of_others, "Other methods against baselines")
        blocks.append(Folded("Other methods against baselines", [table]))
    return Section(f"{id}-comparison", title, blocks)


def gain_chart(source: PageSource, target: str) -> Chart | None:
    """Return a drawing of what everything adds to each modality, for each method."""
    of_target = source.results["targets"][target]
    found = [
        one
        for one in of_target["complete_cases"].get("differences", ())
        if one["method"] == one["minus_method"]
    ]
    if not found:
        return None
    headline = headline_of(of_target["kind"])
    rivals = dict.fromkeys(one["minus_availability"] for one in found)
    items = []
    for rival in rivals:
        name = f"over {availability_name(rival, source.modalities)}"
        for one in found:
            gain = one["metrics"][headline.metric]
            if one["minus_availability"] == rival and gain["point"] is not None:
                p = "" if gain["p"] is None else f", {p_value(gain['p'])}"
                items.append(
                    ForestItem(
                        name,
                        f"{one['method']}, {name}",
                        gain["point"],
                        gain["low"],
                        gain["high"],
                        with_interval(gain, signed=True) + p,
                        method_number(one["method"], source.methods),
                    )
                )
    return forest_chart(
        f"What {source.everything} adds",
        items,
        axis=f"Gain in {headline.name}",
        reference=0.0,
    )


def _table(
    source: PageSource, of_target: Mapping[str, Any], found: list[Any], caption: str
) -> Table:
    headline = headline_of(of_target["kind"])
    has_delong = any("se" in one.get("tests", {}).get("delong", {}) for one in found)
    head = [
        "Method",
        "Seen",
        "Against",
        f"Difference in {headline.name}",
        "p, resampling",
        "p, Holm",
    ]
    head += ["p, DeLong"] if has_delong else []
    head += ["p, corrected t"]
    rows = []
    for one in found:
        gain, tests = one["metrics"][headline.metric], one.get("tests", {})
        is_same = one["method"] == one["minus_method"]
        against = (
            availability_name(one["minus_availability"], source.modalities)
            if is_same
            else one["minus_method"]
        )
        cells = [
            method_cell(one["method"], source.methods),
            Cell(availability_name(one["availability"], source.modalities)),
            Cell(against),
            estimate_cell(gain, signed=True),
            p_cell(gain.get("p")),
            p_cell(tests.get("p_holm")),
            *([_test_cell(tests.get("delong", {}))] if has_delong else []),
            _test_cell(tests.get("corrected_t", {})),
        ]
        rows.append(Row(cells, method=method_number(one["method"], source.methods)))
    return Table(caption, head, rows)


def _test_cell(test: Mapping[str, Any]) -> Cell:
    if test.get("p") is None:
        return Cell(NONE, value="")
    return p_cell(test["p"])
