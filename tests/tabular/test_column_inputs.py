import numpy as np
import pytest

from mmfeat.errors import RecordError
from mmfeat.tabular.column_inputs import ColumnInputs
from mmfeat.tabular.encoder import RecordEncoder
from mmfeat.tabular.records import RecordColumn, RecordTable, TextVectors

TRAIN = [0, 1, 2, 3]


def _objects(*values):
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


@pytest.fixture(scope="module")
def records():
    nan = np.nan
    return RecordTable(
        {
            "age": RecordColumn("numeric", np.array([50.0, 60.0, 70.0, nan, 80.0, nan])),
            "crp": RecordColumn(
                "numeric",
                np.array([1.0, 2.0, 3.0, 4.0, nan, nan]),
                sides=np.array([0, -1, 1, 0, 0, 0], np.int8),
            ),
            "smoker": RecordColumn("boolean", np.array([1.0, 0.0, nan, 1.0, 0.0, nan])),
            "sex": RecordColumn("categorical", _objects("f", "m", "f", None, "other sex", None)),
            "codes": RecordColumn("codes", _objects(("C34",), ("I10",), (), None, ("Z99",), None)),
        }
    )


@pytest.fixture(scope="module")
def inputs(records):
    return ColumnInputs.of(RecordEncoder.fit(records, TRAIN), records)


def _categories(inputs, name):
    return inputs.categories[:, inputs.category_names.index(name)].tolist()


def test_numbers_are_scaled_as_the_encoder_does_and_nan_where_unknown(records, inputs):
    encoded = RecordEncoder.fit(records, TRAIN)
    place = encoded.feature_names.index("age")
    known = records.columns["age"].known
    numbers = inputs.numbers[:, inputs.number_names.index("age")]
    assert np.isnan(numbers).tolist() == (~known).tolist()
    np.testing.assert_array_equal(numbers[known], encoded.transform(records)[known, place])
    assert inputs.numbers.dtype == np.float32


def test_the_last_code_of_every_category_is_unknown(records, inputs):
    for name, cardinality in zip(inputs.category_names, inputs.cardinalities, strict=True):
        column = records.columns[name.split("=")[0].split(":")[0]]
        unknown = np.array(_categories(inputs, name)) == cardinality - 1
        assert unknown.tolist() == (~column.known).tolist(), name


def test_a_category_that_training_has_not_seen_is_other(inputs):
    assert _categories(inputs, "sex") == [0, 1, 0, 3, 2, 3]
    assert _categories(inputs, "smoker") == [1, 0, 2, 1, 0, 2]


def test_limits_are_a_category_of_their_own(inputs):
    assert _categories(inputs, "crp:side") == [0, 1, 2, 0, 3, 3]


def test_each_code_is_a_question_with_three_answers(inputs):
    assert _categories(inputs, "codes=C34") == [1, 0, 0, 2, 0, 2]
    assert _categories(inputs, "codes:other") == [0, 0, 0, 2, 1, 2]


def test_every_input_knows_the_column_that_it_comes_from(inputs):
    of_numbers = [inputs.columns[place] for place in inputs.column_of_number]
    of_categories = [inputs.columns[place] for place in inputs.column_of_category]
    assert of_numbers == ["age", "crp"]
    assert of_categories == ["crp", "smoker", "sex", "codes", "codes", "codes"]


def test_a_case_without_a_record_is_not_present_and_all_unknown(inputs):
    assert inputs.present.tolist() == [True] * 5 + [False]
    assert np.isnan(inputs.numbers[5]).all()
    assert inputs.categories[5].tolist() == [one - 1 for one in inputs.cardinalities]


def test_some_cases_can_be_taken(inputs):
    taken = inputs.taken(np.array([4, 0]))
    assert len(taken) == 2
    np.testing.assert_array_equal(taken.numbers, inputs.numbers[[4, 0]])
    np.testing.assert_array_equal(taken.categories, inputs.categories[[4, 0]])


def test_a_record_without_numbers_has_none():
    records = RecordTable({"sex": RecordColumn("boolean", np.array([1.0, 0.0]))})
    inputs = ColumnInputs.of(RecordEncoder.fit(records, [0, 1]), records)
    assert inputs.numbers.shape == (2, 0)
    assert inputs.categories.shape == (2, 1)


def test_the_components_of_a_text_are_numbers():
    values = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
    texts = _objects(*[None if row == 7 else f"text {row}" for row in range(30)])
    column = RecordColumn("text", texts, vectors=TextVectors(values, "model"))
    records = RecordTable({"remark": column})
    inputs = ColumnInputs.of(RecordEncoder.fit(records, range(30)), records)
    assert inputs.number_names == ("remark:1", "remark:2")
    assert np.flatnonzero(np.isnan(inputs.numbers).all(axis=1)).tolist() == [7]


def test_other_columns_than_those_fitted_to_are_refused(records):
    encoder = RecordEncoder.fit(records, TRAIN)
    fewer = RecordTable({"age": records.columns["age"]})
    with pytest.raises(RecordError, match="not declared as at training"):
        ColumnInputs.of(encoder, fewer)
