"""docs/commands.md is what the program's own help says."""

import runpy

from .pages import PROJECT


def test_the_page_of_all_commands_is_up_to_date():
    page = runpy.run_path(str(PROJECT / "docs" / "write_commands.py"))["commands_page"]()
    written = (PROJECT / "docs" / "commands.md").read_text()
    assert written == page, "run `python docs/write_commands.py`"
