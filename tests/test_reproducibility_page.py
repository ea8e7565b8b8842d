"""Every test that docs/reproducibility.md calls as its witness is there."""

import ast
import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PAGE = (PROJECT / "docs" / "reproducibility.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_the_witness_of_a_promise_is_there(file, name):
    defined = ast.parse((PROJECT / file).read_text()).body
    assert name in {one.name for one in defined if isinstance(one, ast.FunctionDef)}


def test_every_promise_has_a_witness_and_every_witness_a_promise():
    (table,) = re.findall(r"^\| what is repeated.*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    promises = [line for line in table.strip().splitlines()[2:] if not line.startswith("| **")]
    assert len(promises) > 20
    numbers = [re.findall(r"\d+", line.strip("| ").rpartition(" | ")[2]) for line in promises]
    assert all(numbers)
    listed = re.findall(r"^(\d+)\. `tests/", PAGE, re.MULTILINE)
    assert listed == [str(number) for number in range(1, len(listed) + 1)]
    assert {number for of_one in numbers for number in of_one} == set(listed)
