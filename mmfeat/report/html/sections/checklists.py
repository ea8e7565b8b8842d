"""The checklists of TRIPOD+AI and CLAIM: filled in with what a run knows."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from mmfeat.report.html.blocks import Block, Cell, Folded, Row, Section, Table, Text
from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.checklist_answers import checklist_answers

_FILE = files("mmfeat.report.html") / "assets" / "checklists.json"
_OWN = "To be filled by the authors"
_IN_TARGETS = ("performance", "calibration", "decisions", "missing", "subgroups", "worst")
"""Parts of a target's section; a list leads to those of the first target."""


def checklists_section(source: PageSource) -> Section:
    """Return the section with both lists, each behind a click."""
    checklists = json.loads(_FILE.read_text(encoding="utf-8"))
    answers = checklist_answers(source)
    blocks: list[Block] = [
        Text(
            "What this run knows is filled in, with where it stands on this page; everything about "
            "patients, purpose and people is left to the authors. The wording of the items is "
            "short and ours, their numbers are those of the published lists: hand in the "
            "originals. D marks items on developing a model only, E on evaluating one only."
        )
    ]
    for one in checklists.values():
        rows = [_row(item, answers) for item in one["items"]]
        n_filled = sum(row.cells[2].text != _OWN for row in rows)
        head = ("Item", "Asks for", "This run", "Where")
        table = Table(f"{one['name']} ({one['cites']})", head, rows, is_wide=True)
        summary = f"{one['name']}: {n_filled} of {len(rows)} items filled, in whole or in part"
        blocks.append(Folded(summary, [table]))
    return Section("checklists", "TRIPOD+AI and CLAIM", blocks)


def _row(item: Mapping[str, Any], answers: Mapping[str, str]) -> Row:
    answer = answers.get(item["fills"] or "")
    topic = f"{item['topic']} ({item['of']})" if "of" in item else item["topic"]
    number = Cell(item["number"], topic)
    asks = Cell(item["asks"])
    if not answer:
        return Row([number, asks, Cell(_OWN, tone="note"), Cell("")])
    said = f"In part, the authors add to it. {answer}" if item.get("partly") else answer
    place = _place(item["section"])
    return Row([number, asks, Cell(said), Cell(place[0], link=place[1])])


def _place(section: str | None) -> tuple[str, str]:
    """Return the words and the id of where a list leads to."""
    if section is None:
        return "", ""
    id = f"target-0-{section}" if section in _IN_TARGETS else section
    return section.capitalize(), id
