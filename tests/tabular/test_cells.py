import pytest

from mmfeat.config.record_columns import (
    BooleanColumn,
    CategoricalColumn,
    CodesColumn,
    OrdinalColumn,
    TextColumn,
)
from mmfeat.tabular import cells


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


def test_synonyms_and_case_lead_to_the_declared_category():
    column = CategoricalColumn(
        type="categorical",
        categories=["female", "male"],
        synonyms={"female": ["f", "woman", 2], "male": ["m", 1]},
        ignore_case=True,
    )
    parse = cells.category_parser(column)
    texts = ("F", "Female", " WOMAN", "2.0", "m", "MALE")
    assert [parse(text) for text in texts] == ["female"] * 4 + ["male"] * 2
    with pytest.raises(ValueError, match="not one of the declared categories"):
        parse("x")


def test_synonyms_work_without_declared_categories():
    column = CategoricalColumn(type="categorical", synonyms={"adeno": ["adenocarcinoma", "AC"]})
    parse = cells.category_parser(column)
    assert [parse(text) for text in ("AC", "adeno", "ac")] == ["adeno", "adeno", "ac"]
    folded = column.model_copy(update={"ignore_case": True})
    assert cells.category_parser(folded)("Small  Cell") == "small cell"


def test_values_beside_the_declared_categories_may_count_as_other():
    column = CategoricalColumn(type="categorical", categories=["a", "b"], others="other")
    assert [cells.category_parser(column)(text) for text in ("a", "z")] == ["a", "other"]


def test_a_synonym_of_two_categories_or_of_none_is_refused():
    twice = CategoricalColumn(type="categorical", synonyms={"a": ["x"], "b": ["X"]})
    assert cells.category_parser(twice)("X") == "b"
    with pytest.raises(ValueError, match="`X` of the settings means both `a` and `b`"):
        cells.category_parser(twice.model_copy(update={"ignore_case": True}))
    unknown = CategoricalColumn(type="categorical", categories=["male"], synonyms={"mael": ["m"]})
    with pytest.raises(ValueError, match="`mael`, which is not declared; did you mean `male`"):
        cells.category_parser(unknown)


def test_levels_have_synonyms_too():
    column = OrdinalColumn(
        type="ordinal", levels=["I", "II"], synonyms={"II": ["stage 2"]}, ignore_case=True
    )
    assert [cells.level_parser(column)(text) for text in ("i", "Stage 2")] == [0.0, 1.0]


@pytest.mark.parametrize(
    ("text", "value"),
    [("Ja", 1.0), ("nein", 0.0), ("+", 1.0), ("-", 0.0), ("Positive", 1.0), ("ABSENT", 0.0)],
)
def test_yes_and_no_are_read_in_other_spellings(text, value):
    assert cells.boolean_parser(BooleanColumn(type="boolean"))(text) == value


@pytest.mark.parametrize(
    ("text", "settings", "codes"),
    [
        ("C34.1; I10;c34.9", {"cut": 3}, ("C34", "I10")),
        ("C34.1; I10;c34.9", {}, ("C341", "C349", "I10")),
        ("C10AA05|A02BC01", {"separator": "|", "cut": 4}, ("A02B", "C10A")),
        (" ;I10; ", {}, ("I10",)),
        ("none", {}, ()),
        ("No", {}, ()),
        ("0.0", {}, ()),
    ],
)
def test_codes_are_sorted_cut_and_each_once(text, settings, codes):
    assert cells.codes_parser(CodesColumn(type="codes", **settings))(text) == codes


def test_a_text_is_one_text_however_its_lines_are_broken_and_its_letters_composed():
    parse = cells.text_parser(TextColumn(type="text", missing=["see letter", 9]))
    assert parse("ex-smoker,\n\t 30  pack\u00a0years") == "ex-smoker, 30 pack years"
    assert parse("fru\u0308her") == parse("fr\u00fcher")
    assert [parse(text) for text in ("see  letter", "9", " \n")] == [None, None, None]
