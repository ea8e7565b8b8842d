import pytest

from mmfeat.manifest.guessed_numbers import guess_spelling, sentinel_of


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (["1,5", "22,25", "7"], {"decimal": ","}),
        (["1.234,5", "22,25"], {"decimal": ",", "thousands": "."}),
        (["1,234.5", "22.25"], {"thousands": ","}),
        (["1'234.5", "22.25"], {"thousands": "'"}),
        (["1 234,5", "22"], {"decimal": ",", "thousands": " "}),
        (["<0.5", "3", ">= 200"], {"limits": "limit"}),
        (["70 kg", "82", "65KG", "1 kg"], {"unit": "kg"}),
        (["12 %", "15%"], {"unit": "%"}),
        (["< 0,5 mg/dl", "3,25 mg/dl"], {"decimal": ",", "limits": "limit", "unit": "mg/dl"}),
    ],
)
def test_the_spelling_is_told_by_the_cells_without_doubt(profile, cells, value):
    guess = guess_spelling(profile("x", cells))
    assert guess.value == {"type": "numeric", **value}
    assert not guess.doubtful


def test_a_comma_that_may_be_either_sign_is_asked_about(profile):
    guess = guess_spelling(profile("x", ["1,234", "5,678"]))
    assert guess.value == {"type": "numeric", "decimal": ","}
    assert guess.reason == "1.234 to 5.678; is `1,234` 1.234 or 1234?"
    assert guess.doubtful


def test_a_few_texts_among_many_numbers_are_asked_about_as_missing(profile):
    cells = [f"{n}.5" for n in range(40)] + ["haemolytic", "not done"]
    guess = guess_spelling(profile("crp", cells))
    assert guess.value == {"type": "numeric", "missing": ["haemolytic", "not done"]}
    assert guess.reason == "0.5 to 39.5; is `haemolytic` or `not done` missing?"
    assert guess.doubtful


def test_limits_are_shown(profile):
    cells = ["<0.5", "<1", "<2", "<3", "7"]
    reason = guess_spelling(profile("x", cells)).reason
    assert reason == "0.5 to 7, with limits such as <0.5, <1, <2, ..."


@pytest.mark.parametrize(
    "cells",
    [
        ["a", "b"],
        ["70 kg", "150 lb"],
        ["1-2", "3-4"],
        ["T1", "T2"],
        ["neg", "neg", "1", "2"],
        ["5 mg", "5 mg"],
        ["10:30", "11:45"],
    ],
)
def test_what_are_no_numbers_of_one_unit_stay_texts(profile, cells):
    assert guess_spelling(profile("x", cells)) is None


@pytest.mark.parametrize(
    ("numbers", "sentinel"),
    [
        ([0, 10.5, 40, 9999, 9999], 9999),
        ([40.5, 60, 90, 99, 99], None),
        ([40.5, 60, 999], None),
        ([1.5, 2.5, -1, -1], -1),
        ([-9, -9, -12.5, -3, 4], None),
        ([], None),
    ],
)
def test_a_sign_of_missing_is_repeated_and_far_from_the_rest(numbers, sentinel):
    assert sentinel_of(numbers) == sentinel
