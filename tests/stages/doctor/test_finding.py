"""A check that breaks is a finding, and what it found before is kept."""

import pytest

from mmfeat.errors import CacheError
from mmfeat.stages.doctor.finding import Finding, examined, problem_from

FIRST = Finding("disk", "ok", "there")


def breaks():
    yield FIRST
    raise OSError("gone [Errno 5]")


def refuses():
    yield FIRST
    raise CacheError("cache: is torn; delete it")


def test_a_check_that_breaks_is_a_warning_after_what_it_found():
    first, second = examined("disk", breaks)
    assert first == FIRST
    assert second.level == "warning"
    assert second.message == "cannot be examined: OSError: gone [Errno 5]"
    assert second.fix


def test_an_error_of_mmfeat_is_a_problem_with_its_own_advice():
    assert examined("disk", refuses)[1] == Finding("disk", "problem", "cache: is torn", "delete it")


@pytest.mark.parametrize(
    "text", ["no advice", "needs a file (MIT; see there)", "x: 2 faults\n  one; do this\n  two"]
)
def test_where_the_advice_cannot_be_told_apart_the_message_stays_whole(text):
    assert problem_from("x", CacheError(text), "mend it") == Finding(
        "x", "problem", text, "mend it"
    )


def test_an_interrupt_is_no_finding():
    def interrupted():
        raise KeyboardInterrupt("now")

    with pytest.raises(KeyboardInterrupt, match="now"):
        examined("disk", interrupted)
