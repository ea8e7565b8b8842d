"""Pages are built alike, so that they read well on a forge and as a website, and links lead on."""

import ast
import json
import tomllib
from itertools import pairwise

import pytest

from .pages import PAGES, PROJECT, anchor_of, name_of, read_page

# `sh` and `python` are run (test_pages_run.py), `yaml` is loaded (test_settings_blocks.py), `text`
# is output, layouts and drawings.
LANGUAGES = {"sh", "python", "yaml", "json", "toml", "csv", "text", "diff", "slurm", "dockerfile"}
pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


@pages
def test_a_page_has_one_title_and_no_level_of_headings_is_left_out(page):
    levels = [level for level, _ in read_page(page).headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= before + 1 for before, later in pairwise(levels))


@pages
def test_a_fence_says_what_it_holds(page):
    for block in read_page(page).blocks:
        assert block.language in LANGUAGES, f"{block.place}: `{block.language}`"


@pages
def test_code_can_be_parsed(page):
    for block in read_page(page).blocks:
        if block.language == "python":
            ast.parse(block.text, block.place)
        elif block.language == "json":
            json.loads(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)


@pages
def test_links_lead_somewhere(page):
    for link in read_page(page).links:
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert target.is_relative_to(PROJECT), f"{name_of(page)}: {link}"
        if anchor:
            anchors = {anchor_of(heading) for _, heading in read_page(target).headings}
            assert anchor in anchors, f"{name_of(page)}: {link}"


def test_the_index_leads_to_every_page():
    index = PROJECT / "docs" / "index.md"
    linked = {(index.parent / link).resolve() for link in read_page(index).links}
    below = {page for page in PAGES if page.parent.parent.name == "data_manifests"}
    missing = set(PAGES) - linked - below - {index}
    assert not missing, "add a line for each to docs/index.md"
