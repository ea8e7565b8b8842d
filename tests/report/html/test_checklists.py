"""The checklists: complete, numbered as published, and honest about what is not known."""

import json
from importlib.resources import files

import pytest

from mmfeat.report.html.page_source import PageSource
from mmfeat.report.html.sections.checklist_answers import checklist_answers
from mmfeat.report.html.sections.checklists import checklists_section

CHECKLISTS = json.loads((files("mmfeat.report.html") / "assets" / "checklists.json").read_text())


def test_tripod_ai_has_its_27_items_in_order():
    numbers = [item["number"] for item in CHECKLISTS["tripod_ai"]["items"]]
    whole = [int("".join(letter for letter in one if letter.isdigit())) for one in numbers]
    assert sorted(set(whole)) == list(range(1, 28))
    assert whole == sorted(whole)
    assert len(numbers) == len(set(numbers)) == 52


def test_tripod_ai_marks_what_concerns_development_or_evaluation_only_as_published():
    marked: dict[str, set[str]] = {}
    for item in CHECKLISTS["tripod_ai"]["items"]:
        marked.setdefault(item["of"], set()).add(item["number"])
    assert marked["D"] == {"9a", "12a", "12b", "12c", "15", "22", "27a", "27b"}
    assert marked["E"] == {"12f", "12g", "20c", "24"}
    assert len(marked["D;E"]) == 52 - 12


def test_claim_has_its_44_items_in_order():
    numbers = [item["number"] for item in CHECKLISTS["claim"]["items"]]
    assert numbers == [str(number) for number in range(1, 45)]


@pytest.fixture(scope="module")
def source(hostile_run):
    return PageSource.read(hostile_run)


def test_every_answer_is_asked_for_and_every_question_a_run_can_answer_is_known(source):
    asked = {item["fills"] for one in CHECKLISTS.values() for item in one["items"]} - {None}
    answers = checklist_answers(source)
    assert set(answers) <= asked
    assert {"flow", "splits", "performance", "uncertainty", "operating_points"} <= set(answers)
    assert asked - set(answers) == {"acquisition", "importance"}  # no scans, and no columns hidden


def test_what_a_run_cannot_know_is_left_to_the_authors(source):
    section = checklists_section(source)
    tables = [block.blocks[0] for block in section.blocks[1:]]
    for table in tables:
        rows = {row.cells[0].text: row.cells[2].text for row in table.rows}
        assert rows["2"] == "To be filled by the authors"
    tripod = {row.cells[0].text: row.cells for row in tables[0].rows}
    assert tripod["17"][2].text == "To be filled by the authors"
    assert "64 cases of 32 patients" in tripod["20a"][2].text
    assert tripod["20a"][3].link == "cohort"
    assert tripod["20c"][0].sub == "Participants (E)"
    assert "base rates: auto" in tripod["13"][2].text
    assert tripod["10"][2].text.startswith("In part, the authors add to it.")
