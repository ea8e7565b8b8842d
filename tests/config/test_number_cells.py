import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.number_cells import number_parser
from mmfeat.config.record_columns import NumericColumn

NUMBER = NumericColumn(type="numeric")


@given(st.floats(min_value=-1e100, max_value=1e100))
def test_every_number_that_python_writes_is_read_back_exactly(number):
    assert number_parser(NUMBER)(repr(number)).value == number


@pytest.mark.parametrize("text", ["5", "+5", "5.", ".5e1", "5E0", "005"])
def test_usual_spellings_of_a_number_are_read(text):
    assert number_parser(NUMBER)(text).value == 5.0


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1,5", "decimal point"),
        ("1,234.5", "thousands"),
        ("1.234,5", "decimal point"),
        ("1 234", "thousands"),
        ("1'234", "thousands"),
        ("31.12.2020", "decimal point"),
        ("<0.5", "a limit is not a number"),
        ("≥ 5", "a limit is not"),
        ("12 kg", "number alone"),
        ("12%", "number alone"),
        ("3-4", "number alone"),
        ("1_000", "number alone"),
        ("inf", "only finite"),
        ("-Infinity", "only finite"),
        ("nan", "only finite"),
        ("1e101", "too large"),
        ("1e999", "too large"),
        ("abc", "not a number"),
        ("-", "not a number"),
        ("٣", "not a number"),
        ("", "not a number"),
        ("0x10", "number alone"),
    ],
)
def test_what_is_no_number_comes_with_advice(text, advice):
    with pytest.raises(ValueError, match=advice):
        number_parser(NUMBER)(text)


@given(st.text())
def test_any_text_is_a_finite_number_or_refused_with_advice(text):
    try:
        number = number_parser(NUMBER)(text).value
    except ValueError as error:
        advice = str(error)
        assert "number" in advice
    else:
        assert math.isfinite(number)


def test_numbers_outside_the_believable_range_are_refused():
    parse = number_parser(NumericColumn(type="numeric", minimum=0, maximum=120))
    assert (parse("0").value, parse("120").value) == (0.0, 120.0)
    with pytest.raises(ValueError, match="below the column's minimum 0; correct it"):
        parse("-1")
    with pytest.raises(ValueError, match="above the column's maximum 120; correct it"):
        parse("121")


def _read(text, **settings):
    cell = number_parser(NumericColumn(type="numeric", **settings))(text)
    return cell.value, cell.side


@pytest.mark.parametrize(
    ("text", "value"),
    [("70 kg", 70.0), ("70kg", 70.0), ("70", 70.0), ("70 KG", 70.0), ("100 lb", 45.359237)],
)
def test_a_unit_behind_the_number_is_turned_into_that_of_the_column(text, value):
    assert _read(text, unit="kg", units={"lb": 0.45359237}) == (value, 0)


def test_an_unknown_unit_is_refused_with_the_likeliest_one():
    message = "in `kgs`, but the column is in `kg`; did you mean `kg`.; add the unit"
    with pytest.raises(ValueError, match=message):
        _read("70 kgs", unit="kg")


def test_units_that_differ_only_in_case_are_told_apart():
    assert _read("1 Ml", unit="ml", units={"Ml": 1e9})[0] == 1e9
    with pytest.raises(ValueError, match="in `ML`"):
        _read("1 ML", unit="ml", units={"Ml": 1e9})


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value"),
    [
        ("1,5", ",", "", 1.5),
        ("1.234,5", ",", ".", 1234.5),
        ("1 234 567,25", ",", " ", 1234567.25),
        ("1'234.5", ".", "'", 1234.5),
        ("12,345", ".", ",", 12345.0),
        ("1234,5", ",", ".", 1234.5),
        (",5", ",", "", 0.5),
    ],
)
def test_the_signs_of_decimals_and_thousands_are_those_of_the_column(
    text, decimal, thousands, value
):
    assert _read(text, decimal=decimal, thousands=thousands)[0] == value


@pytest.mark.parametrize("text", ["1,23,456", "12,34", "1234,567", ",123"])
def test_groups_of_other_than_three_digits_are_refused(text):
    with pytest.raises(ValueError, match="thousands"):
        _read(text, thousands=",")


@pytest.mark.parametrize(
    ("text", "limits", "value", "side"),
    [
        ("<0.5", "limit", 0.5, -1),
        ("< 0.5", "half", 0.25, -1),
        ("<=0.5", "limit", 0.5, -1),
        ("≤0.5", "half", 0.25, -1),
        (">100", "limit", 100.0, 1),
        ("≥ 100", "half", 100.0, 1),
        ("7", "half", 7.0, 0),
    ],
)
def test_a_limit_is_a_number_and_the_side_on_which_the_value_is(text, limits, value, side):
    assert _read(text, limits=limits) == (value, side)


def test_a_limit_may_have_a_unit():
    assert _read("< 1 mg/l", limits="half", unit="mg/dl", units={"mg/l": 0.1}) == (0.05, -1)


def test_values_that_mean_missing_are_unknown_however_they_are_written():
    for text in ("9999", "9999.0", "-9"):
        assert math.isnan(_read(text, missing=[9999, -9])[0])
    assert _read("99", missing=[9999])[0] == 99


def test_values_outside_the_bounds_may_be_unknown_or_clipped():
    assert math.isnan(_read("250", maximum=120, outside="missing")[0])
    assert _read("250", maximum=120, outside="clip")[0] == 120
    assert _read("-3", minimum=0, outside="clip")[0] == 0


@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False))
def test_a_number_written_with_a_comma_is_the_same_number(number):
    assert _read(repr(number).replace(".", ","), decimal=",")[0] == number
