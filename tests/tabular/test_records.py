import numpy as np
import pytest

from mmfeat.tabular.records import RecordColumn, RecordTable, row_numbers

AGE = RecordColumn("numeric", np.array([60.0, np.nan, np.nan]))
SEX = RecordColumn("categorical", np.array(["f", None, "m"], dtype=object))


def test_a_record_is_present_when_any_column_is_known():
    table = RecordTable({"age": AGE, "sex": SEX})
    assert table.present.tolist() == [True, False, True]
    assert table.kinds == {"age": "numeric", "sex": "categorical"}
    assert len(table) == 3


@pytest.mark.parametrize("wrong", [np.array([1]), np.array([[1.0]]), np.array(["a"], dtype=object)])
def test_numbers_of_another_type_or_shape_are_refused(wrong):
    with pytest.raises(ValueError, match=r"numeric column must be float64 \(cases,\)"):
        RecordColumn("numeric", wrong)


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, 2e100])
def test_numbers_that_would_overflow_are_refused(wrong):
    with pytest.raises(ValueError, match=r"NaN or within \+-1e\+100"):
        RecordColumn("numeric", np.array([np.nan, wrong]))


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"one length, got \{'age': 3, 'sex': 2\}"):
        RecordTable({"age": AGE, "sex": RecordColumn("categorical", SEX.values[:2])})


def test_a_table_without_columns_is_refused():
    with pytest.raises(ValueError, match="one length"):
        RecordTable({})


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([True, False, True], "rows must be row numbers, got bool"),
        ([0.0], "rows must be row numbers, got float64"),
        ([-1, 2], "rows must be from 0 to 2, got -1 to 2"),
        ([3], "rows must be from 0 to 2, got 3 to 3"),
    ],
)
def test_masks_and_rows_outside_the_table_are_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        row_numbers(np.array(rows), 3)


def test_no_rows_are_no_rows():
    assert row_numbers([], 3).tolist() == []
