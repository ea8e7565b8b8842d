"""Whether features are sound: no copies, no collapse, no fingerprint of the scanner."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.html.blocks import Block, Bullets, Cell, Charts, Facts, Row, Section, Table, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.scatter_chart import map_chart
from mmfeat.report.html.words import (
    MAKE_AGAIN,
    NONE,
    absent,
    estimate_cell,
    number_cell,
    reason_of,
    with_minus,
)

_MOST_PAIRS = 15
_MOST_MAPS = 9


def embeddings_section(source: PageSource) -> Section:
    """Return the section with one part for each modality of vectors."""
    found = source.results.get("embeddings")
    title = "Features"
    if found is None:
        return Section("features", title, absent(MAKE_AGAIN))
    parts = [
        Section(f"features-{number}", name, _blocks(source, block))
        for number, (name, block) in enumerate(found.items())
    ]
    text = Text(
        "What frozen encoders made of each case, looked at without any model on top.", tone="plain"
    )
    return Section("features", title, [text] if parts else [], parts)


def _blocks(source: PageSource, block: Mapping[str, Any]) -> list[Block]:
    if reason := reason_of(block):
        return absent(reason)
    blocks: list[Block] = []
    copies = block["near_duplicates"]
    if copies.get("n_pairs_other_patient"):
        said = (
            f"{copies['n_pairs_other_patient']:,} pairs of different patients have nearly the same "
            f"features, {copies['n_pairs_across_split']:,} of them across a split: perhaps one "
            "scan under two ids."
        )
        blocks.append(Text(said, tone="warning", heading="Near-duplicates"))
    blocks.append(Facts(_facts(block)))
    blocks += _maps(source, block.get("map"))
    if pairs := copies.get("pairs"):
        blocks.append(_pair_table(pairs, copies["n_pairs"]))
    blocks += _predictable(block.get("predictable", ()))
    return blocks


def _facts(block: Mapping[str, Any]) -> list[tuple[str, str]]:
    copies, twice = block["near_duplicates"], block["test_retest"]
    rank = f"{block['effective_rank']:.1f} of {block['width']:,} values"
    found = [
        ("Cases", f"{block['n']:,}"),
        ("Effective rank", rank + (" (collapsed)" if block["collapsed"] else "")),
        (
            "Mean cosine",
            f"{block['mean_cosine']:.3f}" if block["mean_cosine"] is not None else NONE,
        ),
        ("Near-duplicates", copies.get("reason") or f"{copies['n_pairs']:,} pairs"),
    ]
    if twice.get("reason"):
        return [*found, ("Same patient twice", twice["reason"])]
    text = (
        f"{twice['n_scans']:,} cases of {twice['n_patients']:,} patients: the nearest case of "
        f"another day is the same patient's in {100 * twice['found_again']:.0f} %, by chance in "
        f"{100 * twice['found_by_chance']:.0f} %"
    )
    if twice["median_icc"] is not None:
        low, high = twice["icc_quartiles"]
        text += f"; median ICC {twice['median_icc']:.2f} [quartiles {low:.2f}, {high:.2f}]"
    return [*found, ("Same patient twice", with_minus(text))]


def _maps(source: PageSource, found: Mapping[str, Any] | None) -> list[Block]:
    if not found or not found.get("x"):
        return []
    shares = " and ".join(f"{100 * one:.0f} %" for one in found["explained"])
    charts = [
        map_chart(
            f"Coloured by {name}",
            found["x"],
            found["y"],
            [_group(source, name, value) for value in values],
        )
        for name, values in list(found["colours"].items())[:_MOST_MAPS]
    ]
    text = f"The two first principal components, {shares} of the variance; a point is a case."
    return [Charts(charts), Text(text, tone="note")] if charts else []


def _group(source: PageSource, name: str, value: object) -> str:
    """Return a site, or a label, as its reader knows it."""
    if value is None or value == "":
        return "unknown"
    of_target = source.target(name)
    if not isinstance(value, float):
        return str(value)
    if of_target.get("kind") == "multiclass":
        return str(of_target["outputs"][int(value)])
    return {1.0: "yes", 0.0: "no"}.get(value, f"{value:g}")


def _pair_table(pairs: list[Mapping[str, Any]], n_pairs: int) -> Table:
    shown = sorted(pairs, key=lambda one: (one["same_patient"], -one["cosine"]))[:_MOST_PAIRS]
    rows = [
        Row(
            [
                Cell(" and ".join(one["cases"])),
                Cell(
                    "same patient" if one["same_patient"] else "other patient",
                    tone="plain" if one["same_patient"] else "bad",
                ),
                number_cell(one["cosine"], digits=5),
                Cell(", ".join(f"fold {fold}" for fold in one["across_split"]) or NONE),
            ]
        )
        for one in shown
    ]
    note = f"{len(rows)} of {n_pairs:,} pairs." if n_pairs > len(rows) else ""
    return Table(
        "Nearly the same features",
        ("Cases", "", "Cosine", "Across training and test of"),
        rows,
        note,
    )


def _predictable(found: list[Mapping[str, Any]] | tuple[()]) -> list[Block]:
    rows = [
        Row(
            [
                Cell(one["name"]),
                Cell(f"{one['n_groups']}", value=float(one["n_groups"])),
                estimate_cell(one["auroc"]),
                estimate_cell(one["balanced_accuracy"]),
                number_cell(one["chance"]),
                Cell(_associations(one)),
            ]
        )
        for one in found
        if "auroc" in one
    ]
    lacking = [f"{one['name']}: {one['reason']}" for one in found if "auroc" not in one]
    head = ("Tells", "Groups", "AUROC", "Balanced accuracy", "By chance", "Goes with")
    note = "Where features tell the site or the scanner, a model may learn that."
    blocks: list[Block] = [Table("What else the features tell", head, rows, note)] if rows else []
    return [*blocks, Bullets(lacking, tone="note")] if lacking else blocks


def _associations(one: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{other['target']} {other['output']} (V {other['cramers_v']:.2f})".replace("  ", " ")
        for other in one.get("associated_with", ())
        if other.get("cramers_v") is not None
    )
