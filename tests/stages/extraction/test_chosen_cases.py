"""Cases are chosen by id, by pattern and from files, and a name that fits none is an error."""

import pytest

from mmfeat.errors import CohortError
from mmfeat.stages.extraction.chosen_cases import resolve_only

CASES = ("lung-1", "lung-2", "lung-10", "liver-1", "odd[1]", "odd1")


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["lung-1"], {"lung-1"}),
        (["lung-?", "liver-1"], {"lung-1", "lung-2", "liver-1"}),
        (["*-1*"], {"lung-1", "lung-10", "liver-1"}),
        (["odd[1]"], {"odd[1]"}),  # an id comes before a pattern
        (["odd[0-9]"], {"odd1"}),
    ],
)
def test_ids_and_patterns_choose(patterns, chosen):
    assert resolve_only(CASES, patterns) == chosen


def test_a_file_names_one_case_a_line(tmp_path):
    listed = tmp_path / "cases.txt"
    listed.write_text("\ufefflung-1\r\n\n  lung-2 \nliver-*\n", encoding="utf-8")
    assert resolve_only(CASES, [f"@{listed}"]) == {"lung-1", "lung-2", "liver-1"}


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        (["lung-3"], r"--only: `lung-3` \(did you mean `lung-\d+`\?\) fits no case of the .* 6"),
        (["xyz", "Lung-1"], r"`xyz`, `Lung-1` \(did you mean `lung-1`\?\) fit no case"),
        (list("abcde"), r"`a`, `b`, `c` and 2 more fit no case"),
        (["brain-*"], r"`brain-\*`.* fits no case"),
    ],
)
def test_a_name_that_fits_no_case_is_one_line_with_the_nearest(patterns, message):
    with pytest.raises(CohortError, match=message) as error:
        resolve_only(CASES, [*patterns, "lung-1"])
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_or_is_empty_is_an_error(tmp_path):
    with pytest.raises(CohortError, match=r"--only @.*gone: cannot be read \(.*No such file"):
        resolve_only(CASES, [f"@{tmp_path / 'gone'}"])
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CohortError, match="binary: cannot be read"):
        resolve_only(CASES, [f"@{tmp_path / 'binary'}"])
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(CohortError, match="names no case"):
        resolve_only(CASES, [f"@{tmp_path / 'empty'}"])
