"""Every code has a severity and is told of in docs/quality.md."""

import re
from pathlib import Path

from mmfeat.quality import CODES, RULES
from mmfeat.quality.codes import NOTE_SEVERITIES, RULE_SEVERITIES

PROJECT = Path(__file__).resolve().parents[2]


def test_every_rule_has_a_severity():
    assert list(RULE_SEVERITIES) == list(RULES)
    assert not set(RULE_SEVERITIES) & set(NOTE_SEVERITIES)


def test_every_note_of_a_reader_has_a_severity():
    text = "".join(file.read_text() for file in PROJECT.glob("mmfeat/volumes/*.py"))
    noted = set(re.findall(r'ReadingNote\(\s*(?:code=)?"([a-z-]+)"', text))
    assert noted <= set(NOTE_SEVERITIES)


def test_only_what_is_certainly_useless_is_rejected_by_default():
    assert [code for code, severity in CODES.items() if severity == "reject"] == [
        "constant",
        "empty",
        "not-hounsfield",
        "too-few-slices",
        "too-small",
    ]


def test_the_document_has_a_line_for_every_code_with_its_severity():
    text = (PROJECT / "docs" / "quality.md").read_text()
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (info|warn|reject) \|", text, re.MULTILINE))
    assert rows == CODES
