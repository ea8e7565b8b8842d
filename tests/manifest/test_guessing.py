import pytest

from mmfeat.errors import CohortError
from mmfeat.manifest.guessed_missing import DEFAULT_MISSING

from .guessed_tables import N_ROWS, mixed, small_table


def _hospital():
    """A table as a hospital exports it, every second patient scanned twice."""
    rows = range(N_ROWS)
    malignancy = mixed("yes", "no", "no", "no", "yes")
    return {
        "PatientID": [f"P{row * 2 // 3:03d}" for row in rows],
        "AccessionNumber": [f"{7919 * row % 10007:08d}" for row in rows],
        "StudyDate": [f"2020-{1 + row % 12:02d}-{1 + row % 28:02d}" for row in rows],
        "BirthDate": [f"19{40 + row % 40}-05-17" for row in rows],
        "DeathDate": [f"2023-05-{1 + row % 28:02d}" if row % 4 == 0 else "" for row in rows],
        "Hospital": mixed("North", "South"),
        "Manufacturer": mixed("GE", "SIEMENS", "Philips"),
        "Sex": mixed("M", "F", "F"),
        "Age": [str(40 + row % 41) for row in rows],
        "Smoking": mixed("never", "former", "current", "unknown"),
        "PackYears": mixed("0", "10.5", "32", "9999", "20"),
        "BMI": [f"{20 + row % 11},{row % 10}" for row in rows],
        "CRP": ["<0.5" if row % 10 == 0 else f"{0.7 * (row % 23):.1f}" for row in rows],
        "ECOG": mixed("0", "1", "2"),
        "Stage": mixed("IA", "IIB", "IIIA", "IV"),
        "FamilyHistoryCancer": mixed("1", "0", "0", "0"),
        "Comment": [f"Seen by Dr. {row}" for row in rows],
        "Referral": ["internal"] * N_ROWS,
        "Free": [""] * N_ROWS,
        "ct_path": [f"scans/{row}.nii.gz" for row in rows],
        "lung_mask": [f"masks/{row}.nii.gz" for row in rows],
        "malignancy": malignancy,
        "icd": ["C34" if cell == "yes" else "D14" for cell in malignancy],
        "os_event": mixed("0", "1", "0"),
        "os_days": [str(30 + 13 * row) for row in rows],
    }


def test_a_table_from_a_hospital_is_understood(guess):
    guessed = guess(_hospital())
    assert guessed.case_id.value == "AccessionNumber"
    assert guessed.patient_id.value == "PatientID"
    assert guessed.site.value == "Hospital"
    assert guessed.missing.value == [*DEFAULT_MISSING, "unknown"]
    assert guessed.missing.doubtful
    assert {name: target.value["kind"] for name, target in guessed.targets.items()} == {
        "malignancy": "binary",
        "os_event": "time_to_event",
    }
    assert guessed.split.value == {"folds": 5}
    assert {name: volume.value["column"] for name, volume in guessed.volumes.items()} == {
        "ct": "ct_path"
    }
    assert {name: column.value["type"] for name, column in guessed.columns.items()} == {
        "Sex": "categorical",
        "Age": "numeric",
        "Smoking": "ordinal",
        "PackYears": "numeric",
        "BMI": "numeric",
        "CRP": "numeric",
        "ECOG": "ordinal",
        "Stage": "ordinal",
        "FamilyHistoryCancer": "boolean",
        "BirthDate": "date_difference",
    }
    assert guessed.columns["BMI"].value == {"type": "numeric", "decimal": ","}
    assert guessed.columns["CRP"].value == {"type": "numeric", "limits": "limit"}
    assert guessed.columns["PackYears"].value == {"type": "numeric", "missing": [9999]}
    assert guessed.columns["Smoking"].value["levels"] == ["never", "former", "current"]
    reasons = {name: guess.reason for name, guess in guessed.left_out.items()}
    assert reasons == {
        "StudyDate": "the date that others are counted to",
        "DeathDate": "sounds like an outcome, known only afterwards",
        "Hospital": "the site: where, not who; `cohort.site`",
        "Manufacturer": "tells how the scan was made, not who the patient is",
        "Comment": "text with 60 different values in 60 rows",
        "Referral": "the same in every row",
        "Free": "empty",
        "lung_mask": "paths of masks",
        "icd": "each of its values means one answer of `malignancy`",
    }


def test_what_a_user_must_look_at_is_marked(guess):
    guessed = guess(_hospital())
    columns = {name for name, guess in guessed.columns.items() if guess.doubtful}
    assert columns == {"Smoking", "PackYears", "Stage"}
    left_out = {name for name, guess in guessed.left_out.items() if guess.doubtful}
    assert left_out == {"DeathDate", "Manufacturer", "Comment", "icd"}
    targets = {name for name, guess in guessed.targets.items() if guess.doubtful}
    assert targets == {"os_event"}


def test_every_column_has_a_reason_and_a_confidence_and_the_doubtful_ones_a_rival(guess):
    guessed = guess(_hospital())
    for guess_of in (guessed.columns | guessed.left_out | guessed.targets).values():
        assert guess_of.reason
        assert 0 < guess_of.confidence < 1
        assert guess_of.doubtful == bool(guess_of.evidence.rivals)
    assert guessed.columns["Age"].confidence == 0.98  # (60 + 1) / (60 + 2)
    assert guessed.columns["PackYears"].confidence == 0.49  # 9999 may be a value
    assert guessed.columns["PackYears"].evidence.rivals == ("9999 is a value",)


def test_outcomes_that_were_not_asked_for_are_no_inputs(guess):
    guessed = guess(_hospital(), ["os_event"])
    assert list(guessed.targets) == ["os_event"]
    assert guessed.targets["os_event"].value["kind"] == "binary"
    for name in ("malignancy", "os_days"):
        assert guessed.left_out[name].reason == (
            "an outcome, known only afterwards; it can be a target"
        )
        assert guessed.left_out[name].doubtful
    assert guessed.columns.keys() == guess(_hospital()).columns.keys() | {"icd"}


def test_the_time_of_an_event_that_is_asked_for_alone_is_no_input(guess):
    more = {"event": mixed("0", "1"), "time": [str(30 * row) for row in range(N_ROWS)]}
    guessed = guess(small_table(**more), ["event"])
    assert {"time", "cancer"} <= guessed.left_out.keys()
    assert list(guessed.columns) == ["age"]


def test_every_time_of_an_event_is_kept_from_the_inputs(guess):
    days = [str(30 * row) for row in range(N_ROWS)]
    more = {"x_event": mixed("0", "1"), "x_days": days, "x_months": days}
    guessed = guess(small_table(**more))
    assert guessed.targets["x_event"].value["time"] == "x_days"
    assert "x_months" in guessed.left_out
    assert list(guessed.columns) == ["age"]


def test_one_column_of_scans_may_also_name_the_cases(guess):
    scans = [f"{row}.nii.gz" for row in range(N_ROWS)]
    guessed = guess({"scan": scans, "cancer": mixed("0", "1")})
    assert guessed.case_id.value == guessed.volumes["ct"].value["column"] == "scan"
    assert guessed.columns == {}


def test_folders_named_like_the_patients_are_their_scans(guess, tmp_path):
    rows = range(N_ROWS)
    for row in rows:
        (tmp_path / f"P{row}").mkdir()
    table = {"patient_id": [f"P{row}" for row in rows], "cancer": mixed("0", "1")}
    guessed = guess(table)
    assert guessed.patient_id.value == guessed.volumes["ct"].value["column"] == "patient_id"


def test_without_a_column_of_patients_the_case_is_one_with_doubt(guess):
    table = small_table()
    del table["patient_id"]
    guessed = guess(table)
    assert guessed.patient_id.value == "case_id"
    assert guessed.patient_id.reason.endswith("has each of them one row only?")
    assert guessed.patient_id.doubtful


def test_a_split_of_the_table_is_used_and_another_is_left_out(guess):
    guessed = guess(small_table(split=mixed("train", "val", "test")))
    assert guessed.split.value == {"column": "split"}
    guessed = guess(small_table(split=mixed("train", "train", "test")))
    assert guessed.split.value == {"folds": 5}
    assert "split" in guessed.left_out


@pytest.mark.parametrize(
    ("n_positive", "folds"), [(30, 5), (5, 5), (3, 3), (1, 2), (57, 3), (59, 2)]
)
def test_there_are_no_more_folds_than_cases_of_the_rarer_answer(guess, n_positive, folds):
    table = small_table() | {"cancer": ["1"] * n_positive + ["0"] * (N_ROWS - n_positive)}
    assert guess(table).split.value == {"folds": folds}


def test_a_target_asked_for_plays_no_other_part(guess):
    guessed = guess(small_table(hospital=mixed("a", "b")), ["hospital"])
    assert guessed.site is None
    assert guessed.targets["hospital"].value["column"] == "hospital"


def test_a_table_without_an_outcome_asks_for_one_and_names_what_could_be(guess):
    table = small_table(side=mixed("left", "right"))
    del table["cancer"]
    with pytest.raises(CohortError, match=r"with --target COLUMN; two values are in `side`$"):
        guess(table)
    del table["side"]
    with pytest.raises(CohortError, match=r"with --target COLUMN$"):
        guess(table)


def test_a_table_without_inputs_is_refused(guess):
    table = small_table()
    del table["age"]
    with pytest.raises(CohortError, match="nothing is left to predict from"):
        guess(table)
