"""Does what a case lacks tell its outcome?"""

from collections.abc import Mapping
from typing import Any

from mmfeat.report.headline import headline_of
from mmfeat.report.html.blocks import Block, Cell, Heading, Row, Table, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.words import (
    NONE,
    absent,
    count_cell,
    number_cell,
    p_cell,
    reason_of,
)
from mmfeat.report.wording import availability_name, output_name, with_interval


def missingness_blocks(source: PageSource, target: str) -> list[Block]:
    """Return what a model that sees only what is missing can tell, and the outcome by pattern."""
    of_target = source.target(target)
    found = of_target.get("missingness")
    heading = Heading("Does what is missing tell the answer?")
    if reason := reason_of(found):
        return [heading, *absent(reason)]
    block: Mapping[str, Any] = found or {}
    headline = headline_of(of_target["kind"])
    estimate = block["metrics"][headline.metric]
    said = {
        True: "Yes: a model that sees only what is missing does better than chance.",
        False: "A model that sees only what is missing does no better than chance.",
        None: "It cannot be said whether what is missing tells the answer.",
    }[block["predicts"]]
    text = f"{said} {headline.name} {with_interval(estimate)}, no skill is {block['no_skill']:g}."
    outputs = list(dict.fromkeys(name for one in block["patterns"] for name in _shares(one)))
    rows = [
        Row(
            [
                Cell(availability_name(one["pattern"], source.modalities) or "nothing"),
                count_cell(one["n"]),
                *(_share_cell(_shares(one).get(name)) for name in outputs),
            ]
        )
        for one in block["patterns"]
    ]
    tests = [
        Row(
            [
                # Where all cases have the same modalities, there is a reason instead of a test.
                Cell(
                    _output(target, of_target, one["output"]),
                    str(one.get("test") or one.get("reason", "")),
                ),
                number_cell(one.get("cramers_v")),
                p_cell(one.get("p")),
                p_cell(one.get("p_holm")),
            ]
        )
        for one in block["tests"]
    ]
    said_loudly = Text(text, tone="warning", heading="Informative missingness")
    names = [_output(target, of_target, name) for name in outputs]
    return [
        heading,
        said_loudly if block["predicts"] else Text(text),
        Table("Outcome by what a case has", ("Has", "Cases", *names), rows),
        Table("Tests", ("Outcome", "Cramér's V", "p", "p, Holm"), tests),
    ]


def _output(target: str, of_target: Mapping[str, Any], name: str) -> str:
    return output_name(target, of_target["kind"], name)


def _shares(pattern: Mapping[str, Any]) -> Mapping[str, Any]:
    found = pattern.get("shares")
    if isinstance(found, Mapping):
        return found
    return {"mean": pattern.get("mean")}


def _share_cell(value: float | None) -> Cell:
    return Cell(NONE, value="") if value is None else Cell(f"{value:.3g}", value=float(value))
