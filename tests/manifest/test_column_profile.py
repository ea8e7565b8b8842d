import pytest

from mmfeat.manifest.column_profile import ColumnProfile


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patient_id", {"patient", "id"}),
        ("PatientID", {"patient", "id"}),
        ("PATIENT ID", {"patient", "id"}),
        ("patientid", {"patient", "id"}),
        ("PATIENTID", {"patient", "id"}),
        ("USUBJID", {"subj", "id"}),
        ("scanNr", {"scan", "nr"}),
        ("StudyInstanceUID", {"study", "instance", "uid"}),
        ("OS.time", {"os", "time"}),
        ("age (years)", {"age", "years"}),
        ("5-FU", {"5", "fu"}),
        ("thyroid", {"thyroid"}),
        ("COVID", {"covid"}),
        ("casein", {"casein"}),
        ("#", set()),
    ],
)
def test_words_of_a_name_are_found_however_it_is_written(profile, name, words):
    assert profile(name, ["a"]).words == words


def test_a_column_is_named_by_whole_words_only(profile):
    covid = profile("covid_positive", ["1"])
    assert covid.named(("positive", "negative"))
    assert not covid.named(("id", "pos"))


def test_only_known_cells_are_held_and_rows_are_counted(text_frame):
    found = ColumnProfile.of(text_frame({"x": ["a", "", "b", ""]}), "x")
    assert (found.cells, found.n_rows) == (("a", "b"), 4)


def test_values_are_counted_as_labels(profile):
    found = profile("x", ["1", "1.0", "01", "TRUE", "true", ""])
    assert found.labels == {"1": 2, "01": 1, "true": 2}


@pytest.mark.parametrize(
    ("cells", "is_complete", "is_key"),
    [
        (["a", "b"], True, True),
        (["a", "a"], True, False),
        (["a", ""], False, False),
        (["1", "1.0"], True, True),  # ids are compared letter by letter
    ],
)
def test_a_key_has_a_value_of_its_own_in_each_row(profile, cells, is_complete, is_key):
    found = profile("x", cells)
    assert (found.is_complete, found.is_key) == (is_complete, is_key)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", "", "2.5", "-3e1"], (1.0, 2.5, -30.0)),
        (["1", "<2"], None),
        (["1,5"], None),
        (["inf", "1"], None),
        (["", ""], None),
    ],
)
def test_a_column_has_numbers_only_when_each_cell_is_one(profile, cells, numbers):
    assert profile("x", cells).numbers == numbers


@pytest.mark.parametrize(
    ("cells", "has_codes"),
    [(["1", "02"], True), (["0", "10"], False), (["0.5"], False), (["007x"], False)],
)
def test_leading_zeros_make_codes(profile, cells, has_codes):
    assert profile("x", cells).has_codes is has_codes


@pytest.mark.parametrize(
    ("cells", "formats"),
    [
        (["2024-01-31", "", "1999-12-01"], ("%Y-%m-%d",)),
        (["20240131", "19991201"], ("%Y%m%d",)),
        (["31.01.2024"], ("%d.%m.%Y",)),
        (["31/01/2024", "02/03/2024"], ("%d/%m/%Y",)),
        (["01/31/2024"], ("%m/%d/%Y",)),
        (["01/02/2024"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["2024-02-30"], ()),  # there is no such day
        (["2024-01-31", "unclear"], ()),
        (["1850-01-31"], ()),
        (["2024131"], ()),  # seven digits: strptime alone would take them
        (["20241"], ()),
        ([""], ()),
    ],
)
def test_formats_are_those_in_which_every_known_cell_is_a_believable_date(profile, cells, formats):
    assert profile("x", cells).date_formats == formats
