"""The memory is what was allotted, not what the node has."""

import os

import pytest

from mmfeat.memory_budget import allotted_bytes

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_without_a_limit_it_is_the_memory_of_the_machine(tmp_path):
    assert allotted_bytes(tmp_path) == MACHINE


@pytest.mark.parametrize(("text", "found"), [("1048576", 1048576), ("max", MACHINE)])
def test_a_limit_of_version_two_counts(tmp_path, text, found):
    (tmp_path / "memory.max").write_text(text + "\n")
    assert allotted_bytes(tmp_path) == found


@pytest.mark.parametrize(
    ("text", "found"), [("2097152", 2097152), ("9223372036854771712", MACHINE)]
)
def test_a_limit_of_version_one_counts(tmp_path, text, found):
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text(text + "\n")
    assert allotted_bytes(tmp_path) == found


def test_it_is_never_more_than_the_machine_has(tmp_path):
    (tmp_path / "memory.max").write_text(str(MACHINE * 2))
    assert allotted_bytes(tmp_path) == MACHINE


@pytest.mark.parametrize(("text", "found"), [("4096", 4096), ("0", MACHINE), ("much", MACHINE)])
def test_a_launcher_that_shares_the_machine_lowers_it(tmp_path, text, found):
    assert allotted_bytes(tmp_path, {"MMFEAT_MEMORY_BYTES": text}) == found
