"""SECURITY.md claims nothing that no test shows."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = (PROJECT / "SECURITY.md").read_text()
SHOWN_BY = re.findall(r"`(tests/[^`:]+)(?:::(\w+))?`", PAGE)


def test_every_test_that_the_page_names_is_there():
    assert len(SHOWN_BY) > 20
    for file, name in SHOWN_BY:
        text = (PROJECT / file).read_text()
        assert f"def {name or 'test_'}" in text, f"{file}::{name}"


def test_every_defence_names_its_test():
    rows = PAGE.partition("## What is defended")[2].partition("## What is not")[0].splitlines()
    defences = [row for row in rows if row.startswith("| ")][1:]
    assert defences
    for row in defences:
        assert "`tests/" in row.split(" | ")[-1], row
