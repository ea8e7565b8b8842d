"""Who came in, who was left out and why, and what the cases are like."""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.html.blocks import (
    Block,
    Bullets,
    Cell,
    Folded,
    Row,
    Section,
    Step,
    Steps,
    Table,
)
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import MAKE_AGAIN, NONE, absent, count_cell, share
from mmfeat.report.wording import availability_name


def cohort_section(source: PageSource) -> Section:
    """Return the section with the flow of cases and their characteristics."""
    flow = source.results.get("cohort_flow")
    title = "Cohort"
    if flow is None:
        return Section("cohort", title, absent(MAKE_AGAIN))
    blocks: list[Block] = [
        Steps(_steps(source, flow)),
        _modality_table(flow),
        _target_table(source, flow),
    ]
    if flow["characteristics"]["columns"]:
        blocks.append(_characteristics_table(flow["characteristics"]))
    blocks.append(Folded("Parts of the folds", [_fold_table(flow)]))
    if flow["notes"]:
        blocks.append(Folded("Notes on how the tables were read", [Bullets(flow["notes"])]))
    return Section("cohort", title, blocks)


def _steps(source: PageSource, flow: Mapping[str, Any]) -> list[Step]:
    n_cases, seen = flow["n_cases"], flow["availability"]
    n_usable = n_cases - seen.get("", 0)
    n_complete = seen.get(source.everything, 0)
    patterns = ", ".join(
        f"{count:,} {availability_name(name, source.modalities)}"
        for name, count in seen.items()
        if name
    )
    lost = [
        line for name, one in flow["modalities"].items() for line in _lost_lines(name, one, n_cases)
    ]
    steps = [
        Step("cases in the manifest", f"{n_cases:,}", f"{flow['n_patients']:,} patients", lost),
        Step(
            "cases with something to predict from",
            f"{n_usable:,}",
            patterns,
            [f"{seen['']:,} cases have nothing that can be used"] if seen.get("") else [],
        ),
    ]
    if len(source.modalities) > 1:
        text = "on which sets of modalities are compared"
        steps.append(Step(f"cases with {source.everything}", f"{n_complete:,}", text))
    return steps


def _lost_lines(name: str, one: Mapping[str, Any], n_cases: int) -> list[str]:
    lines = []
    if one["n_given"] < n_cases:
        lines.append(f"{n_cases - one['n_given']:,} cases came without {name}")
    if one.get("n_failed"):
        lines.append(f"{one['n_failed']:,} scans of {name} could not be read")
    if one.get("n_rejected"):
        lines.append(f"{one['n_rejected']:,} scans of {name} were rejected for their quality")
    return lines


def _modality_table(flow: Mapping[str, Any]) -> Table:
    rows = []
    for name, one in flow["modalities"].items():
        reasons = "; ".join(f"{why['reason']} ({why['n']})" for why in one.get("reasons", ()))
        rows.append(
            Row(
                [
                    Cell(name, one["kind"]),
                    count_cell(one["n_given"], of=flow["n_cases"]),
                    count_cell(one.get("n_failed")),
                    count_cell(one.get("n_rejected")),
                    count_cell(one["n_usable"], of=flow["n_cases"]),
                    Cell(reasons or NONE),
                ]
            )
        )
    head = (
        "Modality",
        "Cases that came with it",
        "Scans unreadable",
        "Scans rejected",
        "Cases that have it",
        "Why scans were left out",
    )
    return Table("Modalities", head, rows, is_wide=True)


def _target_table(source: PageSource, flow: Mapping[str, Any]) -> Table:
    rows = []
    for name, one in flow["targets"].items():
        rows.append(
            Row(
                [
                    Cell(name, one["kind"].replace("_", " ")),
                    count_cell(one["n_labelled"]),
                    count_cell(one["n_unlabelled"]),
                    count_cell(one["n_evaluated"]),
                    Cell(_outcomes(source.natural(name))),
                ]
            )
        )
    head = ("Target", "Cases with a label", "Without", "Tested", "Outcomes among those tested")
    return Table("Targets", head, rows)


def _outcomes(natural: Mapping[str, Any]) -> str:
    """Return the outcomes of the tested cases in words."""
    if natural.get("mean") is not None:
        return (
            f"mean {natural['mean']:.4g}, from {natural['lowest']:.4g} to {natural['highest']:.4g}"
        )
    counts = natural.get("n_positive")
    if isinstance(counts, Mapping):
        events = f"{natural['n_events']:,} events; " if "n_events" in natural else ""
        return events + ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    if counts is None or not natural.get("n"):
        return NONE
    return f"{counts:,} positive ({share(counts, natural['n'])})"


def _characteristics_table(found: Mapping[str, Any]) -> Table:
    rows = []
    for column in found["columns"]:
        whole = column["groups"]["all"]
        name = Cell(column["column"], "n (%)" if "counts" in whole else _unit(whole))
        missing = count_cell(whole["n_missing"], of=found["groups"]["all"] or None)
        if "counts" not in whole:
            values = [Cell(_spread(one)) for one in column["groups"].values()]
            rows.append(Row([name, *values, missing]))
            continue
        rows.append(Row([name, *[Cell("")] * len(found["groups"]), missing]))
        for value in whole["counts"]:
            cells = [_part(one, value) for one in column["groups"].values()]
            rows.append(Row([Cell(f"\u2003{value}"), *cells, Cell("")]))
    groups = [f"{name} ({n:,})" for name, n in found["groups"].items()]
    note = "Medians with quartiles, or counts with their share of the known values."
    return Table("Characteristics of the cases", ("", *groups, "Missing"), rows, note)


def _unit(whole: Mapping[str, Any]) -> str:
    return "median [quartiles]" if "median" in whole else ""


def _spread(one: Mapping[str, Any]) -> str:
    if "median" not in one:
        return f"{one['n']:,} known" if one["n"] else NONE
    low, high = one["quartiles"]
    return f"{one['median']:.4g} [{low:.4g}, {high:.4g}]"


def _part(one: Mapping[str, Any], value: str) -> Cell:
    count = one.get("counts", {}).get(value, 0)
    return Cell(f"{count:,} ({share(count, one['n'])})" if one["n"] else NONE)


def _fold_table(flow: Mapping[str, Any]) -> Table:
    rows = [
        Row(
            [
                Cell(f"fold {number}"),
                *(
                    Cell(f"{one['n_cases']:,}", f"{one['n_patients']:,} patients")
                    for one in fold.values()
                ),
            ]
        )
        for number, fold in enumerate(flow["folds"])
    ]
    note = "All cases of a patient are in one part. Every number on this page is of test parts."
    return Table("Cases of each part", ("", "Training", "Validation", "Test"), rows, note)
