import pytest

from mmfeat.wording import counted, first_and_more, first_few, first_of_all, ticked


@pytest.mark.parametrize(
    ("say", "of_three"),
    [
        (first_few, "a, b, ..."),
        (first_of_all, "a, b, ... (3 in all)"),
        (first_and_more, "a, b and 1 more"),
    ],
)
def test_names_beyond_the_first_few_are_not_dropped_in_silence(say, of_three):
    assert say(["a", "b", "c"], 2) == of_three
    assert say(["a", "b"], 2) == "a, b"
    assert say([], 2) == ""


def test_names_are_marked_as_a_users_own():
    assert ticked(["a", 1]) == ["`a`", "`1`"]


def test_one_thing_is_not_plural():
    assert [counted(number, "case") for number in (0, 1, 2)] == ["0 cases", "1 case", "2 cases"]
