"""Files and folders of the code that pages name are there."""

import re
from pathlib import Path

import pytest

from .pages import PAGES, PROJECT, name_of, read_page

CODE = ("mmfeat", "cli", "data_manifests", "benchmarks", "containers", "tests", "docs")
_PATH = re.compile(rf"(?:{'|'.join(CODE)})/[\w./*-]*")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_of_the_code_lead_somewhere(page):
    found = read_page(page)
    shown = {Path(block.file).name for block in found.blocks if block.file is not None}
    for code in found.inline_codes:
        if _PATH.fullmatch(code) and Path(code).name not in shown:
            place = code.rstrip("/").replace("X.Y.Z", "*")
            found_there = [*PROJECT.glob(place), *PROJECT.glob(f"{place}.py")]
            assert found_there, f"{name_of(page)}: {code}"
