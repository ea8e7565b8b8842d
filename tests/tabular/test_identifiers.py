import numpy as np
import pytest

from mmfeat.tabular import RecordColumn, RecordTable, identifier_faults


def _faults(values):
    column = RecordColumn("categorical", np.array(values, dtype=object))
    return identifier_faults(RecordTable({"x": column}))


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ([f"case {n}" for n in range(40)], True),
        ([f"case {n % 21}" for n in range(40)], True),
        ([f"ward {n % 20}" for n in range(40)], False),
        ([f"case {n}" for n in range(19)], False),
        ([f"case {n}" for n in range(19)] + [None] * 40, False),
        ([None] * 40, False),
    ],
)
def test_categories_of_one_case_each_are_refused(values, refused):
    assert bool(_faults(values)) is refused


def test_the_fault_names_the_column_and_what_to_do():
    (fault,) = _faults([f"case {n}" for n in range(25)])
    assert fault.column == "x"
    assert fault.message.startswith("has 25 different values in 25 rows, so it names the cases; t")


def test_numbers_of_one_case_each_are_no_identifiers():
    column = RecordColumn("numeric", np.arange(50, dtype=np.float64))
    assert identifier_faults(RecordTable({"age": column})) == []
