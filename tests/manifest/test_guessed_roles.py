import pytest

from mmfeat.errors import CohortError
from mmfeat.manifest.guessed_roles import (
    guess_case_id,
    guess_patient_id,
    guess_site,
    guess_split,
    guess_volumes,
    is_division,
    is_mask_path,
    volume_guesses,
)

TWICE = ["p1", "p1", "p2"]
KEY = ["a", "b", "c"]
SCANS = ["s/a.nii.gz", "s/b.nii.gz", "s/c.nii.gz"]


@pytest.mark.parametrize(
    "name",
    [
        *("patient_id", "PatientID", "patientid", "PATIENTID", "Patient", "pat_nr", "Pat. No."),
        *("subject", "SUBJID", "USUBJID", "participant number", "person_id", "pid", "MRN"),
        *("pt_id", "PTID", "bcr_patient_barcode", "medical record number", "anon_patient_name"),
    ],
)
def test_patients_are_found_by_name_however_it_is_written(profiles, name):
    guess = guess_patient_id(profiles({"x": KEY, name: TWICE}))
    assert (guess.value, guess.doubtful) == (name, False)


@pytest.mark.parametrize(
    "name", ["patient_age", "PT", "patient_sex", "pathology", "person_years", "subjective_score"]
)
def test_a_column_about_patients_does_not_name_them(profiles, name):
    assert guess_patient_id(profiles({name: ["1", "2", "3"]})) is None


def test_patients_with_gaps_are_used_with_doubt_rather_than_not_at_all(profiles):
    guess = guess_patient_id(profiles({"patient_id": ["p1", "p1", ""], "scan_id": KEY}))
    assert guess.value == "patient_id"
    assert guess.reason == "the unit of splitting, but some rows have none"
    assert guess.doubtful
    assert guess_patient_id(profiles({"patient_id": ["p1", "", ""]})) is None


def test_complete_patients_go_before_those_with_gaps(profiles):
    columns = {"old_patient_id": ["p1", "", "p2"], "patient_id": TWICE}
    assert guess_patient_id(profiles(columns)).value == "patient_id"


@pytest.mark.parametrize("name", ["ID", "record_id", "id_code"])
def test_ids_that_repeat_are_taken_for_patients_with_doubt(profiles, name):
    guess = guess_patient_id(profiles({name: ["1", "1", "2"], "scan_id": KEY}))
    assert (guess.value, guess.doubtful) == (name, True)
    assert "do these ids, which repeat, name patients?" in guess.reason


def test_a_few_ids_of_many_rows_are_no_patients(profiles):
    assert guess_patient_id(profiles({"id": ["1", "2"] * 20})) is None


@pytest.mark.parametrize(
    ("columns", "value", "reason", "doubtful"),
    [
        ({"patient_id": TWICE, "case_id": KEY}, "case_id", "a value of its own", False),
        ({"accession": ["9", "8", "7"]}, "accession", "a value of its own", False),
        ({"SCANID": KEY}, "SCANID", "a value of its own", False),
        ({"patient_id": TWICE, "uid": KEY}, "uid", "named like an id", True),
        ({"Nr.": ["1", "2", "3"]}, "Nr.", "named like an id", True),
        ({"patient_id": KEY, "scan_date": KEY}, "patient_id", "each patient is one row", False),
        ({"label": ["0", "1", "0"], "who": KEY}, "who", "is it an id?", True),
    ],
)
def test_cases_are_named_by_the_best_column_with_a_value_of_its_own_in_each_row(
    profiles, columns, value, reason, doubtful
):
    patient = "patient_id" if "patient_id" in columns else None
    guess = guess_case_id(profiles(columns), patient)
    assert (guess.value, guess.doubtful) == (value, doubtful)
    assert reason in guess.reason


@pytest.mark.parametrize("name", ["image", "scan", "ct_path", "study"])
def test_paths_of_scans_name_the_cases_only_when_nothing_else_does(profiles, name):
    columns = profiles({name: SCANS, "patient_id": KEY})
    assert guess_case_id(columns, "patient_id", volumes=[name]).value == "patient_id"
    guess = guess_case_id(profiles({name: SCANS, "x": TWICE}), None, volumes=[name])
    assert (guess.value, guess.doubtful) == (name, True)
    assert "the path of its scan" in guess.reason


def test_a_measurement_that_happens_to_differ_in_each_row_names_no_case(profiles):
    with pytest.raises(CohortError, match=r"none has a value of its own in every row; add a"):
        guess_case_id(profiles({"crp": ["1.5", "2.5", "3.5"], "x": TWICE}), None)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("site", True),
        ("Hospital", True),
        ("center_id", True),
        ("InstitutionName", True),
        ("tumor_site", False),
        ("site_of_metastasis", False),
        ("clinical", False),
    ],
)
def test_the_site_is_a_place_of_treatment_not_of_the_tumour(profiles, name, found):
    assert guess_site(profiles({"x": KEY, name: TWICE})) == (name if found else None)


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("split", ["train", "val", "test"], True),
        ("data_set", ["train", "val", "test"], True),
        ("split", ["train", "val", ""], False),
        ("split", ["train", "train", "test"], False),
        ("split", ["train", "val", "other"], False),
        ("phase", ["train", "val", "test"], False),
    ],
)
def test_a_split_says_train_val_or_test_in_every_row(profiles, name, cells, found):
    assert guess_split(profiles({name: cells})) == (name if found else None)


@pytest.mark.parametrize(
    ("name", "cells", "found"),
    [
        ("split", ["0", "1", "2"], True),
        ("cv_fold", ["0", "1", "1"], True),
        ("cohort", ["Training", "Test", "Test"], True),
        ("fold_change", ["0.5", "1", "2"], False),
        ("treadmill", ["test", "no", "test"], False),
    ],
)
def test_a_division_is_told_by_its_name_or_its_values(profile, name, cells, found):
    assert is_division(profile(name, cells)) is found


def test_scans_at_urls_are_looked_for_in_their_store(profiles, tmp_path, bucket):
    there = [bucket.put(f"case-{n}/1.dcm", b"x").rpartition("/")[0] for n in range(3)]
    cells = [*there, f"{bucket.url}/nothing", "ftp://example.org/x"]
    found = guess_volumes(profiles({"dicom": cells}), tmp_path)
    assert {name: n_absent for name, (_, n_absent) in found.items()} == {"dicom": 2}


def test_files_are_scans_by_their_ending_and_the_absent_are_counted(profiles, tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.nii.gz").touch()
    found = guess_volumes(profiles({"x": KEY, "where": SCANS}), tmp_path)
    assert {name: n_absent for name, (_, n_absent) in found.items()} == {"where": 2}
    guess = volume_guesses(found)["ct"]
    assert guess.value == {"kind": "volume", "column": "where", "encoder": "slices-lite0"}
    assert guess.reason == "3 of 3 rows have a path in `where`; 2 of the first 3 are not there"
    assert guess.doubtful


def test_a_cell_with_several_paths_is_there_when_all_of_them_are(profiles, tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.nii").touch()
    found = guess_volumes(profiles({"ct": ["a.nii;b.nii", "c.nii", "c.nii; d.nii"]}), tmp_path)
    assert found["ct"][1] == 1


def test_scans_that_are_all_there_leave_no_doubt(profiles, tmp_path):
    for folder in KEY:
        (tmp_path / folder).mkdir()
    guess = volume_guesses(guess_volumes(profiles({"dicom": ["a", "b", ""]}), tmp_path))["ct"]
    assert guess.reason == "2 of 3 rows have a path in `dicom`"
    assert not guess.doubtful


def test_several_columns_of_scans_are_numbered(profiles, tmp_path):
    found = guess_volumes(profiles({"native": SCANS, "contrast": SCANS}), tmp_path)
    named = {name: guess.value["column"] for name, guess in volume_guesses(found).items()}
    assert named == {"ct1": "native", "ct2": "contrast"}


@pytest.mark.parametrize("name", ["mask", "lung_seg", "SegmentationPath", "label_file"])
def test_masks_are_no_scans(profiles, profile, tmp_path, name):
    assert guess_volumes(profiles({name: SCANS}), tmp_path) == {}
    assert is_mask_path(profile(name, SCANS))


def test_a_mask_is_told_by_its_name_and_its_paths(profile):
    assert not is_mask_path(profile("ct", SCANS))
    assert not is_mask_path(profile("label", ["0", "1", "1"]))


@pytest.mark.parametrize("cells", [["1", "2", "1"], ["cases", "controls"] * 5])
def test_few_values_are_no_scans_although_folders_are_named_like_them(profiles, tmp_path, cells):
    for name in set(cells):
        (tmp_path / name).mkdir()
    assert guess_volumes(profiles({"group": cells}), tmp_path) == {}


def test_a_report_too_long_for_a_path_is_no_scan(profiles, tmp_path):
    assert guess_volumes(profiles({"report": ["No nodule. " * 100, "One. "]}), tmp_path) == {}


def test_an_empty_column_is_no_scan(profiles, tmp_path):
    assert guess_volumes(profiles({"ct": ["", "", ""]}), tmp_path) == {}
