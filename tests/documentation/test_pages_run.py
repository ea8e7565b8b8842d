"""Every page is run: its commands and its Python, from the top to the bottom, in one folder."""

import shutil

import pytest

from .not_run import EXPECTED_CODES, NOT_RUN, PYTHON_ARGUMENTS, reason_not_to_run
from .pages import PAGES, name_of, read_page
from .running import PageRun
from .shell_lines import commands_of
from .workshop import write_workshop


def _to_run(page):
    """The blocks of a page of which something is run, and files that they may need."""
    blocks = read_page(page).blocks
    return [one for one in blocks if one.file or one.language in ("sh", "python")]


def _is_run(page):
    wanted = [
        command.line
        for block in _to_run(page)
        if block.language == "sh" and not block.file
        for command in commands_of(block)
        if command.program == "mmfeat"
    ]
    wanted += ["python" for block in _to_run(page) if block.language == "python" and not block.file]
    return any(reason_not_to_run(name_of(page), one) is None for one in wanted)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workshop")
    write_workshop(folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("page", [one for one in PAGES if _is_run(one)], ids=name_of)
def test_a_page_runs_from_its_top_to_its_bottom(page, workshop, tmp_path):
    folder = tmp_path / "page"
    shutil.copytree(workshop, folder)
    page_run = PageRun(folder)
    for block in _to_run(page):
        page_run.run(block)
    assert not page_run.faults, "\n".join(page_run.faults)
    assert page_run.ran


def test_the_tables_of_not_run_name_only_what_a_page_has():
    found = {
        (name_of(page), command.line)
        for page in PAGES
        for block in read_page(page).blocks
        if block.language == "sh"
        for command in commands_of(block)
    }
    found |= {
        (name_of(page), "python")
        for page in PAGES
        for block in read_page(page).blocks
        if block.language == "python"
    }
    for entry in NOT_RUN:
        assert any(entry.covers(*one) for one in found), entry
    assert EXPECTED_CODES.keys() <= found
    assert {(page, "python") for page in PYTHON_ARGUMENTS} <= found
