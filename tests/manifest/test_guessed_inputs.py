import pytest

from mmfeat.manifest.guessed_inputs import fits_scale, reason_to_leave_out, type_of


def _cells(*values, times=20):
    return [value for value in values for _ in range(times)]


@pytest.mark.parametrize(
    ("name", "cells", "reason", "doubtful"),
    [
        ("x", ["", "", ""], "empty", False),
        ("x", ["1", "1.0", ""], "the same in every row", False),
        ("recurrence", ["0", "1"], "sounds like an outcome, known only afterwards", True),
        ("follow_up_days", ["10", "20"], "sounds like an outcome, known only afterwards", True),
        ("insurance_id", ["a", "b", "b"], "an identifier", False),
        ("doctor id", _cells(*range(100, 112)), "an identifier", False),
        ("line", range(5, 25), "counts the rows", False),
        (
            "split",
            ["train", "test"],
            "a division; `split: {column: ...}` needs train, val and",
            True,
        ),
        ("fold", _cells(0, 1, 2), "a division; `split: {column: ...}` needs train, val and", True),
        (
            "coordX",
            ["-57.1", "12.25", "30"],
            "a coordinate; encoders of one lesion take all",
            False,
        ),
        ("Manufacturer", ["GE", "SIEMENS"], "tells how the scan was made, not who the", True),
        ("ConvolutionKernel", ["B30f", "B70f"], "tells how the scan was made, not who the", True),
        ("comment", [f"note {n}" for n in range(40)], "text with 40 different values in 40", True),
        (
            "zip",
            [f"{n:05d}" for n in range(0, 280, 7)],
            "text with 40 different values in 40",
            True,
        ),
    ],
)
def test_what_can_be_no_input_is_left_out_with_its_reason(profile, name, cells, reason, doubtful):
    guess = reason_to_leave_out(profile(name, cells))
    assert guess.reason.startswith(reason)
    assert guess.doubtful is doubtful


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("age", ["50", "60"]),
        ("family_history_of_cancer", ["0", "1"]),
        ("age_at_first_cancer", ["50", "60"]),
        ("site_id", _cells("a", "b")),
        ("visit_day", ["1", "2", "3"]),  # too few rows to say that it counts them
        ("histology", [f"type {n}" for n in range(30)]),
        ("icd", _cells(*(f"C{n}" for n in range(40)), times=30)),  # each occurs often
        ("birth", ["1950-01-01", "1960-01-01"]),
        ("order", range(30, 10, -1)),
        ("T", ["1", "2", "4a"]),
    ],
)
def test_what_can_be_an_input_is_kept(profile, name, cells):
    assert reason_to_leave_out(profile(name, cells)) is None


def test_numbers_with_a_few_other_cells_are_left_out_and_the_cells_named(profile):
    cells = [*map(str, range(12)), "<0.5", "<0.5", "neg", "5,5", "pending"]
    guess = reason_to_leave_out(profile("crp", cells))
    assert guess.reason == (
        "numbers, but for `<0.5`, `neg`, `5,5`, ...; correct or empty these cells"
    )
    assert guess.doubtful


@pytest.mark.parametrize(
    ("name", "cells", "value", "doubtful"),
    [
        ("age", ["50", "61.5", "70"], {"type": "numeric"}, False),
        ("smoker", ["Yes", "no", ""], {"type": "boolean"}, False),
        ("diabetes", ["1.0", "0.0", "1"], {"type": "boolean"}, False),
        ("fever", ["TRUE", "False"], {"type": "boolean"}, False),
        ("sex", ["F", "M"], {"type": "categorical"}, False),
        ("sex", ["1", "2"], {"type": "categorical"}, True),
        ("lobe", ["left", "right", "both"], {"type": "categorical"}, False),
        ("ward", ["01", "02", "12"], {"type": "categorical"}, False),
        ("ECOG", ["2", "0", "1", "1.0"], {"type": "ordinal", "levels": [0, 1, 2]}, False),
        ("performance status", ["0", "2", "3"], {"type": "ordinal", "levels": [0, 2, 3]}, False),
        ("n_nodules", ["2", "0", "10"], {"type": "ordinal", "levels": [0, 2, 10]}, True),
        ("N", ["N2", "N0", "N1"], {"type": "ordinal", "levels": ["N0", "N1", "N2"]}, True),
        ("pT", ["T2", "T1b", "T1a"], {"type": "ordinal", "levels": ["T1a", "T1b", "T2"]}, True),
        (
            "smoking",
            ["Current", "never", "Former"],
            {"type": "ordinal", "levels": ["never", "Former", "Current"]},
            True,
        ),
        (
            "tumour_stage",
            ["IIIA", "IA", "IV", "IB"],
            {"type": "ordinal", "levels": ["IA", "IB", "IIIA", "IV"]},
            True,
        ),
        (
            "emphysema",
            ["severe", "none", "mild"],
            {"type": "ordinal", "levels": ["none", "mild", "severe"]},
            True,
        ),
    ],
)
def test_a_type_follows_from_values_and_name_and_doubts_are_marked(
    profile, name, cells, value, doubtful
):
    guess = type_of(profile(name, cells))
    assert guess.value == value
    assert guess.doubtful is doubtful


def test_reasons_show_the_range_of_numbers_and_how_often_each_value_occurs(profile):
    assert type_of(profile("age", ["50.5", "70", "61"])).reason == "50.5 to 70"
    assert type_of(profile("sex", ["F", "M", "F"])).reason == "F x 2, M x 1"
    assert type_of(profile("ward", "abcdefghijkl")).reason.endswith("j x 1, ...")


@pytest.mark.parametrize(
    ("name", "cells", "value"),
    [
        (
            "pack_years",
            ["0", "10.5", "40", "9999.0", "9999"],
            {"type": "numeric", "missing": [9999]},
        ),
        ("fev1", ["1.5", "2.5", "3.5", "-1", "-1"], {"type": "numeric", "missing": [-1]}),
        (
            "ECOG",
            _cells("0", "1", "2", "99"),
            {"type": "ordinal", "levels": [0, 1, 2], "missing": [99]},
        ),
        (
            "emphysema",
            _cells("0", "1", "-9"),
            {"type": "ordinal", "levels": [0, 1], "missing": [-9]},
        ),
        ("sex", _cells("1", "2", "9"), {"type": "categorical", "missing": [9]}),
    ],
)
def test_a_number_far_from_the_others_is_read_as_missing_with_doubt(profile, name, cells, value):
    guess = type_of(profile(name, cells))
    assert guess.value == value
    assert "missing?" in guess.reason
    assert guess.doubtful


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("age", ["40.5", "60", "90", "99", "99"]),  # the oldest, not a sign
        ("weight", ["40.5", "60", "999"]),  # once: an error of typing perhaps, not a habit
        ("base_excess", ["-9", "-9", "-12.5", "-3", "4"]),
    ],
)
def test_a_number_among_the_others_or_one_alone_is_not_asked_about(profile, name, cells):
    guess = type_of(profile(name, cells))
    assert "missing" not in guess.reason
    assert not guess.doubtful


@pytest.mark.parametrize(
    ("name", "cells", "value", "doubtful"),
    [
        (
            "diagnoses",
            ["C34.1;I10", "I10", "J44.9; E11"],
            {"type": "codes", "separator": ";", "cut": 3},
            False,
        ),
        (
            "medicines",
            ["C10AA05|A02BC01", "B01AC06"],
            {"type": "codes", "separator": "|", "cut": 4},
            False,
        ),
        ("panel", ["a1,b2", "c3"], {"type": "codes", "separator": ","}, True),
        ("sex", ["Male", "male ", "F"], {"type": "categorical", "ignore_case": True}, False),
        ("weight", ["70 kg", "82.5kg", "65"], {"type": "numeric", "unit": "kg"}, False),
    ],
)
def test_codes_units_and_spellings_are_told_by_the_cells(profile, name, cells, value, doubtful):
    assert reason_to_leave_out(profile(name, cells)) is None
    guess = type_of(profile(name, cells))
    assert (guess.value, guess.doubtful) == (value, doubtful)


@pytest.mark.parametrize(
    ("name", "cells", "fitting", "rivals"),
    [
        ("age", map(str, range(40, 80)), 40, ()),
        ("ECOG", _cells("0", "1", "2"), 60, ()),
        ("n_nodules", _cells("0", "1", "2"), 60, ("categorical", "numeric")),
        ("n_nodules", _cells("0", "1", "99"), 60, ("categorical", "numeric", "99 is a value")),
        ("sex", _cells("1", "2"), 40, ("ordinal",)),
        ("lobe", _cells("left", "right"), 40, ()),
        # What occurs once is no sign of a category.
        ("ward", [*_cells("A", "B", times=10), "C", "D", "E"], 20, ()),
        ("sex", [*_cells("Male", times=10), "male", "F", "f"], 13, ()),
        ("crp", [*(f"{n}.5" for n in range(40)), "haemolytic"], 40, ("texts that say something",)),
    ],
)
def test_a_guess_counts_the_cells_that_fit_it_and_names_what_else_would(
    profile, name, cells, fitting, rivals
):
    evidence = type_of(profile(name, list(cells))).evidence
    assert (evidence.n_fitting, evidence.rivals) == (fitting, rivals)


def test_values_that_mostly_occur_once_are_categories_with_doubt(profile):
    assert type_of(profile("ward", [*"abcdefghij", "k", "k"])).doubtful
    assert not type_of(profile("ward", "aabbcc")).doubtful


@pytest.mark.parametrize(
    ("labels", "fits"),
    [
        (["none", "Mild", "severe"], True),
        (["IA", "ia", "IB"], False),
        (["never", "current"], False),
        (["mild", "moderate", "former"], False),
        ([], False),
    ],
)
def test_a_scale_is_told_by_three_of_its_levels_in_any_case(labels, fits):
    assert fits_scale(labels) is fits
