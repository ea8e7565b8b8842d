import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.modalities import BooleanColumn, CategoricalColumn, NumericColumn, OrdinalColumn
from mmfeat.tabular import cells

NUMBER = NumericColumn(type="numeric")


@given(st.floats(min_value=-1e100, max_value=1e100))
def test_every_number_that_python_writes_is_read_back_exactly(number):
    assert cells.number_parser(NUMBER)(repr(number)) == number


@pytest.mark.parametrize("text", ["5", "+5", "5.", ".5e1", "5E0", "005"])
def test_usual_spellings_of_a_number_are_read(text):
    assert cells.number_parser(NUMBER)(text) == 5.0


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
        cells.number_parser(NUMBER)(text)


@given(st.text())
def test_any_text_is_a_finite_number_or_refused_with_advice(text):
    try:
        number = cells.number_parser(NUMBER)(text)
    except ValueError as error:
        advice = str(error)
        assert "number" in advice
    else:
        assert math.isfinite(number)


def test_numbers_outside_the_believable_range_are_refused():
    parse = cells.number_parser(NumericColumn(type="numeric", minimum=0, maximum=120))
    assert (parse("0"), parse("120")) == (0.0, 120.0)
    with pytest.raises(ValueError, match="below the column's minimum 0; correct it"):
        parse("-1")
    with pytest.raises(ValueError, match="above the column's maximum 120; correct it"):
        parse("121")


def test_categories_compare_as_text_and_are_free_when_not_declared():
    declared = cells.category_parser(CategoricalColumn(type="categorical", categories=[1, "b"]))
    assert [declared(text) for text in ("1", "1.0", "b")] == ["1", "1", "b"]
    with pytest.raises(ValueError, match="not one of the declared categories `1`, `b`"):
        declared("B")
    assert cells.category_parser(CategoricalColumn(type="categorical"))("anything") == "anything"


def test_levels_are_their_place_in_the_declared_order():
    parse = cells.level_parser(OrdinalColumn(type="ordinal", levels=["low", 2, "high"]))
    assert [parse(text) for text in ("low", "2.0", "high")] == [0.0, 1.0, 2.0]
    with pytest.raises(ValueError, match="not one of the declared levels `low`, `2`, `high`"):
        parse("medium")


def test_a_long_list_of_levels_is_shown_in_part():
    parse = cells.level_parser(OrdinalColumn(type="ordinal", levels=list(range(20))))
    with pytest.raises(ValueError, match=r"`11`, \.\.\. \(20 in all\)"):
        parse("20")


def test_a_level_named_twice_is_refused():
    with pytest.raises(ValueError, match="`levels` of the settings name `1` twice"):
        cells.level_parser(OrdinalColumn(type="ordinal", levels=[1, 2, "1.0"]))


def test_yes_and_no_are_read_in_upper_and_lower_case():
    parse = cells.boolean_parser(BooleanColumn(type="boolean"))
    assert [parse(text) for text in ("YES", "1.0", "True", "t")] == [1.0] * 4
    assert [parse(text) for text in ("no", "0", "FALSE", "N")] == [0.0] * 4
    with pytest.raises(ValueError, match=r"neither yes `1`, .* nor no `0`, "):
        parse("2")


def test_one_word_for_both_yes_and_no_is_refused():
    with pytest.raises(ValueError, match="`true` and `false` of the settings share `x`"):
        cells.boolean_parser(BooleanColumn(type="boolean", true=["X", 1], false=["x", 0]))
