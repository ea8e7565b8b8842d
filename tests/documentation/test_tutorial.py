"""docs/tutorial.md is a notebook, whose cells are the blocks that test_pages_run.py runs."""

import jupytext
import nbformat

from .pages import PROJECT, read_page

TUTORIAL = PROJECT / "docs" / "tutorial.md"


def test_the_tutorial_is_a_notebook_of_its_own_blocks():
    notebook = jupytext.read(TUTORIAL)
    nbformat.validate(notebook)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    blocks = read_page(TUTORIAL).blocks
    assert {block.language for block in blocks} == {"python"}
    assert cells == [block.text.strip() for block in blocks]
