import numpy as np
import pandas as pd
import pytest

from mmfeat.estimators.blocks import RecordBlock, VectorBlock, cut, describe, table_of

NAN = np.nan
IMAGE = np.array([[1.0, 2.0], [NAN, NAN], [3.0, 4.0]])
RECORD = pd.DataFrame(
    {"age": [61, None, 70], "sex": ["f", None, "m"], "smoker": [True, None, False]}
)


def test_an_array_is_a_vector_and_a_table_is_a_record():
    found = describe({"ct": IMAGE, "clinical": RECORD}, ())
    kinds = {"age": "numeric", "sex": "categorical", "smoker": "boolean"}
    assert found == {"ct": VectorBlock(2), "clinical": RecordBlock(kinds)}


def test_numbers_that_can_be_missing_one_by_one_are_named():
    assert describe({"labs": IMAGE}, ["labs"]) == {
        "labs": RecordBlock({"0": "numeric", "1": "numeric"})
    }
    with pytest.raises(ValueError, match=r"`lab` is none of the modalities \['labs'\]"):
        describe({"labs": IMAGE}, ["lab"])


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5, None], "numeric"),
        (pd.array([1, 2, None], dtype="Int64"), "numeric"),
        ([None, None, None], "numeric"),
        ([True, False, None], "boolean"),
        (pd.Categorical([1, 2, None]), "categorical"),
        (["1", "2", None], "categorical"),
    ],
)
def test_a_column_is_what_its_values_are(values, kind):
    frame = pd.DataFrame({"a": values})
    assert describe({"clinical": frame}, ())["clinical"].kinds == {"a": kind}


def test_dates_and_names_that_stand_twice_are_refused():
    dates = pd.DataFrame({"scan": pd.to_datetime(["2024-01-01"])})
    with pytest.raises(ValueError, match="column `scan` holds dates; give the days"):
        describe({"clinical": dates}, ())
    with pytest.raises(ValueError, match="two columns have one name"):
        describe({"clinical": pd.DataFrame([["a", "b"]], columns=["x", "x"])}, ())


def test_a_modality_is_absent_where_all_of_it_is_nan():
    blocks = {"ct": IMAGE, "clinical": RECORD.assign(age=[61.0, 5.0, 70.0])}
    table = table_of(blocks, describe(blocks, ()))
    assert table.present.tolist() == [[True, True], [False, True], [True, True]]
    assert table.vectors["ct"].tolist() == [[1, 2], [0, 0], [3, 4]]
    columns = table.records["clinical"].columns
    assert columns["sex"].values.tolist() == ["f", None, "m"]
    np.testing.assert_array_equal(columns["smoker"].values, [1.0, NAN, 0.0])


def test_patients_are_the_groups():
    blocks = {"ct": np.ones((3, 2))}
    described = describe(blocks, ())
    assert table_of(blocks, described, groups=["a", "a", "b"]).patient_ids == ("a", "a", "b")
    with pytest.raises(ValueError, match="groups must have 3 values, got 2"):
        table_of(blocks, described, groups=["a", "b"])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pet": IMAGE}, r"must have the modalities \['ct', 'clinical'\], got .*'pet'\]"),
        ({"ct": IMAGE[:2]}, "must have the same rows"),
        ({"ct": IMAGE[:, :1]}, r"`ct` must be \(rows, 2\), got \(3, 1\)"),
        ({"ct": IMAGE + np.array([[NAN, 0]])}, "row 0 has NaN in some columns only"),
        ({"ct": np.full((3, 2), np.inf)}, "contains infinity"),
        ({"clinical": RECORD.drop(columns="sex")}, "lacks `sex`"),
        ({"clinical": RECORD.assign(more=1)}, "has `more` that was not learnt from"),
        ({"clinical": RECORD.assign(age=["old", "old", "old"])}, "was numeric when it was learnt"),
        ({"clinical": RECORD.assign(age=[np.inf, 1, 1])}, "contains infinity"),
    ],
)
def test_what_does_not_fit_is_refused(changed, message):
    described = describe({"ct": IMAGE, "clinical": RECORD}, ())
    blocks = {"ct": IMAGE, "clinical": RECORD, **changed}
    with pytest.raises(ValueError, match=message):
        table_of(blocks, described)


def test_a_row_without_anything_is_refused_by_its_number():
    blocks = {"ct": IMAGE, "clinical": RECORD}
    with pytest.raises(ValueError, match="row 1 of X has nothing"):
        table_of(blocks, describe(blocks, ()))


def test_columns_are_given_by_slice_number_or_name():
    whole = pd.DataFrame(np.arange(8.0).reshape(2, 4), columns=["f0", "f1", "age", "crp"])
    groups = {"ct": slice(0, 2), "clinical": ["age", -1]}
    found = cut(whole, groups, ["clinical"])
    assert list(found["clinical"].columns) == ["age", "crp"]
    assert found["ct"].tolist() == [[0, 1], [4, 5]]  # numbers that are no record are an array
    of_array = cut(whole.to_numpy(), {"ct": slice(0, 2), "clinical": [2, 3]})
    assert of_array["clinical"].tolist() == [[2, 3], [6, 7]]
    assert list(cut(whole, None)) == ["features"]


@pytest.mark.parametrize(
    ("modalities", "message"),
    [
        ({}, "names none"),
        ({"ct": []}, "`ct` has no column"),
        ({"ct": ["f9"]}, "X has no column `f9`"),
        ({"ct": [9]}, "X has no column 9, only 2"),
        ({"ct": [0], "pet": [0]}, "column `f0` is of `ct` and of `pet`"),
    ],
)
def test_columns_that_are_not_there_are_refused(modalities, message):
    with pytest.raises(ValueError, match=message):
        cut(pd.DataFrame({"f0": [1.0], "f1": [2.0]}), modalities)


def test_a_mapping_is_cut_already():
    with pytest.raises(ValueError, match="X is a mapping already"):
        cut({"ct": IMAGE}, {"ct": [0]})
    with pytest.raises(ValueError, match="X has no modality"):
        cut({}, None)
