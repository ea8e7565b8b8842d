import numpy as np
import pytest

from mmfeat.tabular.records import RecordColumn, RecordTable, TextVectors, row_numbers

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


def test_vectors_belong_to_the_cases_of_a_column_of_text():
    texts = np.array(["a", None, "b"], dtype=object)
    vectors = TextVectors(np.arange(6, dtype=np.float32).reshape(3, 2), "a model")
    column = RecordColumn("text", texts, vectors=vectors)
    assert column.known.tolist() == [True, False, True]
    taken = column.taken(np.array([2, 0]))
    assert taken.vectors.values.tolist() == [[4, 5], [0, 1]]
    assert taken.vectors.model == "a model"
    with pytest.raises(ValueError, match="vectors must be of the cases of a text column"):
        RecordColumn("categorical", texts, vectors=vectors)
    with pytest.raises(ValueError, match="vectors must be of the cases of a text column"):
        RecordColumn("text", texts[:2], vectors=vectors)
    with pytest.raises(ValueError, match=r"float32 \(cases, width\), got float64"):
        TextVectors(np.zeros((3, 2)), "a model")
