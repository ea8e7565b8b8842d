"""docs/dependencies.md has what pyproject.toml asks for, no more and no less."""

import re
import tomllib

from release.closure import declared
from release.page import PAGE, REASONS


def test_core_dependencies_stand_on_the_page_with_their_ranges():
    rows = re.findall(
        r"^\| `([^`]+)` \| [^|]+\| [^|]+\| [\d.,]+ \|$", PAGE.read_text(), re.MULTILINE
    )
    assert rows == [str(one) for one in declared().core]


def test_extras_stand_on_the_page_with_their_ranges():
    rows = re.findall(r"^\| `([a-z0-9]+)` \| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE)
    wanted = [
        (name, str(one)) for name, of in declared().extras.items() if name != "dev" for one in of
    ]
    assert rows == wanted


def test_reasons_are_given_for_all_and_for_nothing_else():
    reasons = tomllib.loads(REASONS.read_text())
    asked = declared()
    assert list(reasons["core"]) == [one.name for one in asked.core]
    extras = {name: {one.name for one in of} for name, of in asked.extras.items() if name != "dev"}
    assert {name: set(of) for name, of in reasons["extras"].items()} == extras
