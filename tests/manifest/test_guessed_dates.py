from mmfeat.manifest.guessed_dates import guess_dates

SCANNED = ["2020-01-10", "2020-02-10", "2020-03-10"]
BORN = ["1950-01-10", "1960-02-10", ""]
LATER = ["2021-01-10", "", "2022-03-10"]


def _guess(profiles, columns):
    return guess_dates(profiles(columns).values())


def test_a_date_before_the_scan_is_days_before_it(profiles):
    used, left_out = _guess(profiles, {"birth_date": BORN, "StudyDate": SCANNED})
    assert used["birth_date"].value == {
        "type": "date_difference",
        "until": "StudyDate",
        "format": "%Y-%m-%d",
    }
    assert used["birth_date"].reason == "days before `StudyDate`"
    assert not used["birth_date"].doubtful
    assert left_out["StudyDate"].reason == "the date that others are counted to"
    assert not left_out["StudyDate"].doubtful


def test_a_date_that_is_mostly_after_the_scan_is_left_out_with_doubt(profiles):
    used, left_out = _guess(profiles, {"ct_date": SCANNED, "surgery": LATER})
    assert used == {}
    assert left_out["surgery"].reason == "mostly later than `ct_date`"
    assert left_out["surgery"].doubtful


def test_a_few_late_dates_do_not_make_a_column_late(profiles):
    referred = ["2020-01-01", "2020-02-01", "2025-01-01"]
    used, _ = _guess(profiles, {"scan_date": SCANNED, "referred": referred})
    assert list(used) == ["referred"]


def test_without_a_date_of_the_scan_all_dates_are_left_out(profiles):
    used, left_out = _guess(profiles, {"birth": BORN, "surgery": LATER})
    assert used == {}
    assert list(left_out) == ["birth", "surgery"]
    for guess in left_out.values():
        assert "it needs the date of the scan" in guess.reason
        assert guess.doubtful


def test_a_date_in_another_format_than_that_of_the_scan_is_left_out(profiles):
    born = ["10.01.1950", "10.02.1960", ""]
    used, left_out = _guess(profiles, {"scan_date": SCANNED, "birth": born})
    assert used == {}
    assert "written alike" in left_out["birth"].reason


def test_a_format_that_could_be_another_is_doubtful_and_named(profiles):
    columns = {"exam": ["01/02/2020", "03/04/2020"], "birth": ["05/06/1950", "07/08/1951"]}
    used, _ = _guess(profiles, columns)
    assert used["birth"].value["format"] == "%d/%m/%Y"
    assert used["birth"].reason.endswith("; or is the format %m/%d/%Y?")
    assert used["birth"].doubtful


def test_one_day_above_twelve_settles_the_format_of_both(profiles):
    columns = {"exam": ["01/02/2020", "30/04/2020"], "birth": ["05/06/1950", "07/08/1951"]}
    used, _ = _guess(profiles, columns)
    assert used["birth"].value["format"] == "%d/%m/%Y"
    assert not used["birth"].doubtful


def test_no_dates_are_no_guesses():
    assert guess_dates([]) == ({}, {})
