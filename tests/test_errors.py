import pytest

from mmfeat import errors
from mmfeat.errors import CohortError, Fault, Interrupted, MmfeatError, one_line


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault("is wrong; mend it"), "is wrong; mend it"),
        (Fault("is wrong", row=2), "row 2: is wrong"),
        (Fault("is wrong", column="age"), "column `age`: is wrong"),
        (Fault("is wrong", 2, "age", "x"), "row 2, column `age`: is wrong (found `x`)"),
        (Fault("is wrong", value=""), "is wrong (found ``)"),
        (Fault("is wrong", row=0), "row 0: is wrong"),
    ],
)
def test_a_fault_tells_its_place_and_what_was_found_in_one_line(fault, line):
    assert str(fault) == line


def test_a_cohort_error_keeps_its_faults():
    faults = [Fault("a", row=2), Fault("b", row=3)]
    error = CohortError("table.csv: 2 faults", faults)
    assert str(error) == "table.csv: 2 faults"
    assert error.faults == tuple(faults)
    assert CohortError("table.csv: is empty").faults == ()


def test_every_error_of_a_user_can_be_caught_as_one_and_a_stop_cannot():
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    of_users = [kind for kind in found if kind.__name__.endswith("Error")]
    assert len(of_users) > 5
    assert all(issubclass(kind, MmfeatError) for kind in of_users)
    assert not issubclass(Interrupted, MmfeatError)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("two\n   lines\t"), "two lines"),
        (EOFError(), "EOFError"),
        (ValueError(" \n "), "ValueError"),
        (OSError(2, "No such file", "a.csv"), "[Errno 2] No such file: 'a.csv'"),
        (KeyError("a"), "'a'"),
    ],
)
def test_an_error_of_another_library_becomes_one_line(error, line):
    assert one_line(error) == line


def test_a_long_error_is_cut_and_a_line_of_the_greatest_length_is_not():
    assert one_line(ValueError("x" * 200)) == "x" * 200
    assert one_line(ValueError("x" * 201)) == "x" * 197 + "..."
