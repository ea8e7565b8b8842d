import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mmfeat.tabular.encodings import (
    BooleanEncoding,
    CategoryEncoding,
    CodesEncoding,
    NumberEncoding,
)
from mmfeat.tabular.records import RecordColumn
from mmfeat.tabular.scaling import StandardScaling

NAN = np.nan


def _column(kind, values, levels=()):
    dtype = object if kind == "categorical" else np.float64
    return RecordColumn(kind, np.array(values, dtype=dtype), levels)


def test_a_number_is_its_scaled_value_and_a_flag_and_unknown_is_the_median():
    train = _column("numeric", [1.0, 2.0, 9.0, NAN])
    encoding = NumberEncoding.fit("age", train, "standard")
    assert encoding.median == 2
    mean, sd = 4.0, np.std([1, 2, 9])
    expected = [[(9 - mean) / sd, 0], [(2 - mean) / sd, 1]]
    np.testing.assert_allclose(encoding.encode(_column("numeric", [9.0, NAN])), expected)
    assert encoding.feature_names == ("age", "age:missing")
    assert encoding.is_indicator == (False, True)


def test_an_ordinal_column_keeps_its_levels_and_is_scaled_as_their_index():
    column = _column("ordinal", [0.0, 2.0, 1.0], ("low", "mid", "high"))
    encoding = NumberEncoding.fit("grade", column, "standard")
    assert (encoding.kind, encoding.levels) == ("ordinal", ("low", "mid", "high"))
    encoded = encoding.encode(column)[:, 0]
    assert encoded[0] < encoded[2] == 0 < encoded[1]


@pytest.mark.parametrize("scaling", ["standard", "quantile"])
def test_a_number_never_known_in_training_says_only_that_it_is_missing(scaling):
    encoding = NumberEncoding.fit("age", _column("numeric", [NAN, NAN]), scaling)
    encoded = encoding.encode(_column("numeric", [50.0, NAN]))
    np.testing.assert_array_equal(encoded, [[0, 0], [0, 1]])


def test_a_boolean_is_0_or_1_and_unknown_the_share_of_yes():
    encoding = BooleanEncoding.fit("smoker", _column("boolean", [1.0, 0.0, 0.0, 0.0, NAN]))
    encoded = encoding.encode(_column("boolean", [1.0, 0.0, NAN]))
    np.testing.assert_array_equal(encoded, [[1, 0], [0, 0], [0.25, 1]])
    assert encoding.feature_names == ("smoker", "smoker:missing")
    assert encoding.is_indicator == (True, True)


def test_a_boolean_never_known_in_training_is_taken_for_no():
    encoding = BooleanEncoding.fit("smoker", _column("boolean", [NAN]))
    np.testing.assert_array_equal(encoding.encode(_column("boolean", [NAN])), [[0, 1]])


def test_a_category_has_a_column_of_its_own_or_is_other_or_unknown():
    train = _column("categorical", ["b", "a", "b", None])
    encoding = CategoryEncoding.fit("lobe", train, rare_below=0.0)
    assert encoding.kept == ("a", "b")
    assert encoding.feature_names == ("lobe=a", "lobe=b", "lobe:other", "lobe:missing")
    assert encoding.is_indicator == (True,) * 4
    encoded = encoding.encode(_column("categorical", ["a", "b", "new", None]))
    np.testing.assert_array_equal(encoded, np.eye(4))


@pytest.mark.parametrize(
    ("rare_below", "kept"),
    [(0.0, ("a", "b", "c")), (0.1, ("a", "b", "c")), (0.2, ("a", "b")), (0.9, ())],
)
def test_a_category_of_a_smaller_share_of_the_records_is_other(rare_below, kept):
    train = _column("categorical", ["a"] * 6 + ["b"] * 2 + ["c"] + [None])
    assert CategoryEncoding.fit("x", train, rare_below).kept == kept


def test_a_category_called_other_is_not_taken_for_the_rest():
    encoding = CategoryEncoding.fit("x", _column("categorical", ["other", "missing"]), 0.0)
    assert len(set(encoding.feature_names)) == 4
    encoded = encoding.encode(_column("categorical", ["missing", "other", "new"]))
    np.testing.assert_array_equal(encoded.argmax(axis=1), [0, 1, 2])


@given(
    st.lists(st.sampled_from(["a", "b", "", None]), max_size=9),
    st.lists(st.text(max_size=2) | st.none(), min_size=1, max_size=9),
    st.floats(0, 0.9),
)
def test_every_record_has_exactly_one_category(train, new, rare_below):
    encoding = CategoryEncoding.fit("x", _column("categorical", train), rare_below)
    encoded = encoding.encode(_column("categorical", new))
    assert encoded.shape == (len(new), len(encoding.feature_names))
    np.testing.assert_array_equal(encoded.sum(axis=1), 1)
    np.testing.assert_array_equal(encoded[:, -1] == 1, [value is None for value in new])


@pytest.mark.parametrize(
    "encoding",
    [
        NumberEncoding.fit("x", _column("numeric", [1.0, 2.5]), "quantile"),
        NumberEncoding.fit("x", _column("date_difference", [1.0, NAN]), "standard"),
        BooleanEncoding.fit("x", _column("boolean", [1.0, 0.0, 0.0])),
        CategoryEncoding.fit("x", _column("categorical", ["a", "\u00e4"]), 0.0),
    ],
)
def test_an_encoding_comes_back_from_json_as_it_was(encoding):
    again = TypeAdapter(type(encoding)).validate_json(encoding.model_dump_json())
    assert again == encoding


def test_an_encoding_with_a_number_that_is_none_is_refused():
    with pytest.raises(ValidationError, match="finite number"):
        NumberEncoding(kind="numeric", name="x", median=NAN, scaling=StandardScaling(mean=0, sd=1))
    with pytest.raises(ValidationError, match="'numeric', 'ordinal' or 'date_difference'"):
        NumberEncoding.fit("x", _column("boolean", [1.0]), "standard")


def _codes(*values):
    column = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        column[place] = value
    return RecordColumn("codes", column)


def test_codes_have_a_column_each_and_one_for_rare_ones_and_one_for_unknown():
    train = _codes(("C34", "I10"), ("I10",), (), None, ("Z99",))
    encoding = CodesEncoding.fit("icd", train, rare_below=0.4)
    assert encoding.feature_names == ("icd=I10", "icd:other", "icd:missing")
    expected = [[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0]]
    np.testing.assert_array_equal(encoding.encode(train), expected)
    assert encoding.encode(_codes(("new", "I10"))).tolist() == [[1, 1, 0]]


def test_a_number_with_limits_has_two_flags_more():
    sides = np.array([-1, 0, 1], np.int8)
    column = RecordColumn("numeric", np.array([0.5, 2.0, 9.0]), sides=sides)
    encoding = NumberEncoding.fit("crp", column, "standard")
    assert encoding.feature_names == ("crp", "crp:missing", "crp:below", "crp:above")
    assert encoding.is_indicator == (False, True, True, True)
    np.testing.assert_array_equal(encoding.encode(column)[:, 2:], [[1, 0], [0, 0], [0, 1]])
