import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mmfeat.config.settings import Settings
from mmfeat.config.template import settings_text
from mmfeat.config.yaml_text import parse_yaml
from mmfeat.errors import CohortError
from mmfeat.manifest.assembling import assemble_cohort
from mmfeat.manifest.guessing import DEFAULT_MISSING, READ_AS_MISSING, guess_settings
from mmfeat.tabular import read_records

N_ROWS = 60


def _mixed(*values):
    """Give the values to as many rows each, in an order of their own."""
    generator = np.random.default_rng(sum(map(ord, "".join(values))))
    cells = [values[row % len(values)] for row in range(N_ROWS)]
    return [cells[row] for row in generator.permutation(N_ROWS)]


def _hospital():
    """A table as a hospital exports it, every second patient scanned twice."""
    rows = range(N_ROWS)
    malignancy = _mixed("yes", "no", "no", "no", "yes")
    return {
        "PatientID": [f"P{row * 2 // 3:03d}" for row in rows],
        "AccessionNumber": [f"{7919 * row % 10007:08d}" for row in rows],
        "StudyDate": [f"2020-{1 + row % 12:02d}-{1 + row % 28:02d}" for row in rows],
        "BirthDate": [f"19{40 + row % 40}-05-17" for row in rows],
        "DeathDate": [f"2023-05-{1 + row % 28:02d}" if row % 4 == 0 else "" for row in rows],
        "Hospital": _mixed("North", "South"),
        "Manufacturer": _mixed("GE", "SIEMENS", "Philips"),
        "Sex": _mixed("M", "F", "F"),
        "Age": [str(40 + row % 41) for row in rows],
        "Smoking": _mixed("never", "former", "current", "unknown"),
        "PackYears": _mixed("0", "10.5", "32", "9999", "20"),
        "BMI": [f"{20 + row % 11},{row % 10}" for row in rows],
        "CRP": ["<0.5" if row % 10 == 0 else f"{0.7 * (row % 23):.1f}" for row in rows],
        "ECOG": _mixed("0", "1", "2"),
        "Stage": _mixed("IA", "IIB", "IIIA", "IV"),
        "FamilyHistoryCancer": _mixed("1", "0", "0", "0"),
        "Comment": [f"Seen by Dr. {row}" for row in rows],
        "Referral": ["internal"] * N_ROWS,
        "Free": [""] * N_ROWS,
        "ct_path": [f"scans/{row}.nii.gz" for row in rows],
        "lung_mask": [f"masks/{row}.nii.gz" for row in rows],
        "malignancy": malignancy,
        "icd": ["C34" if cell == "yes" else "D14" for cell in malignancy],
        "os_event": _mixed("0", "1", "0"),
        "os_days": [str(30 + 13 * row) for row in rows],
    }


@pytest.fixture
def guess(text_frame, tmp_path):
    def from_columns(columns, targets=()):
        return guess_settings(text_frame(columns), folder=tmp_path, targets=targets)

    return from_columns


def _small(**more):
    """A table with what is needed, and more."""
    rows = range(N_ROWS)
    return {
        "case_id": [f"c{row}" for row in rows],
        "patient_id": [f"p{row // 2}" for row in rows],
        "cancer": _mixed("0", "1", "0"),
        "age": [str(40 + 7 * row % 41) for row in rows],
        **more,
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
    more = {"event": _mixed("0", "1"), "time": [str(30 * row) for row in range(N_ROWS)]}
    guessed = guess(_small(**more), ["event"])
    assert {"time", "cancer"} <= guessed.left_out.keys()
    assert list(guessed.columns) == ["age"]


def test_every_time_of_an_event_is_kept_from_the_inputs(guess):
    days = [str(30 * row) for row in range(N_ROWS)]
    more = {"x_event": _mixed("0", "1"), "x_days": days, "x_months": days}
    guessed = guess(_small(**more))
    assert guessed.targets["x_event"].value["time"] == "x_days"
    assert "x_months" in guessed.left_out
    assert list(guessed.columns) == ["age"]


def _verdict(table):
    return ["bad" if cell == "1" else "fine" for cell in table["cancer"]]


def test_a_column_whose_values_each_mean_one_answer_is_left_out(guess):
    table = _small(other=_mixed("a", "b", "c", "d"))
    guessed = guess(table | {"verdict": _verdict(table)})
    assert guessed.left_out["verdict"].reason == "each of its values means one answer of `cancer`"
    assert "other" in guessed.columns


def test_gaps_in_the_answer_or_the_column_do_not_hide_a_leak(guess):
    table = _small()
    table["verdict"] = ["", "", "", "", *_verdict(table)[4:]]
    table["cancer"][10:14] = [""] * 4
    assert "verdict" in guess(table).left_out


def test_one_value_that_is_seen_with_both_answers_is_no_leak(guess):
    table = _small()
    table["verdict"] = _verdict(table)
    table["verdict"][0] = "bad" if table["verdict"][0] == "fine" else "fine"
    assert "verdict" in guess(table).columns


def test_many_values_of_few_rows_each_are_no_leak(guess):
    table = _small() | {"cancer": ["1"] * 3 + ["0"] * 57}
    table["ward"] = [f"ward {row // 3}" for row in range(N_ROWS)]
    assert "ward" in guess(table).columns


def test_few_rows_are_enough_where_chance_would_hardly_part_them_so(guess):
    table = {name: cells[:24] for name, cells in _small().items()}
    table["patient_id"] = [f"p{row}" for row in range(24)]
    table["cancer"] = ["1"] * 7 + ["0"] * 17
    table["stage"] = ["late"] * 4 + ["early"] * 3 + ["no cancer"] * 17
    assert "stage" in guess(table).left_out
    table["stage"][6] = "no cancer"
    assert "stage" in guess(table).columns


def test_what_is_alike_in_all_rows_of_a_patient_is_no_leak(guess):
    table = _small()
    table["cancer"] = [cell for cell in _mixed("0", "1")[::2] for _ in range(2)]
    table["height"] = [str(150.5 + 7 * (row // 2) % 41) for row in range(N_ROWS)]
    assert "height" in guess(table).columns


def test_one_column_of_scans_may_also_name_the_cases(guess):
    scans = [f"{row}.nii.gz" for row in range(N_ROWS)]
    guessed = guess({"scan": scans, "cancer": _mixed("0", "1")})
    assert guessed.case_id.value == guessed.volumes["ct"].value["column"] == "scan"
    assert guessed.columns == {}


def test_folders_named_like_the_patients_are_their_scans(guess, tmp_path):
    rows = range(N_ROWS)
    for row in rows:
        (tmp_path / f"P{row}").mkdir()
    table = {"patient_id": [f"P{row}" for row in rows], "cancer": _mixed("0", "1")}
    guessed = guess(table)
    assert guessed.patient_id.value == guessed.volumes["ct"].value["column"] == "patient_id"


def test_without_a_column_of_patients_the_case_is_one_with_doubt(guess):
    table = _small()
    del table["patient_id"]
    guessed = guess(table)
    assert guessed.patient_id.value == "case_id"
    assert guessed.patient_id.reason.endswith("has each of them one row only?")
    assert guessed.patient_id.doubtful


def test_a_split_of_the_table_is_used_and_another_is_left_out(guess):
    guessed = guess(_small(split=_mixed("train", "val", "test")))
    assert guessed.split.value == {"column": "split"}
    guessed = guess(_small(split=_mixed("train", "train", "test")))
    assert guessed.split.value == {"folds": 5}
    assert "split" in guessed.left_out


@pytest.mark.parametrize(
    ("n_positive", "folds"), [(30, 5), (5, 5), (3, 3), (1, 2), (57, 3), (59, 2)]
)
def test_there_are_no_more_folds_than_cases_of_the_rarer_answer(guess, n_positive, folds):
    table = _small() | {"cancer": ["1"] * n_positive + ["0"] * (N_ROWS - n_positive)}
    assert guess(table).split.value == {"folds": folds}


def test_a_target_asked_for_plays_no_other_part(guess):
    guessed = guess(_small(hospital=_mixed("a", "b")), ["hospital"])
    assert guessed.site is None
    assert guessed.targets["hospital"].value["column"] == "hospital"


def test_texts_that_mean_unknown_are_added_to_missing(guess):
    guessed = guess(_small(lobe=_mixed("left", "right", "Unknown", "n/k", "-")))
    assert guessed.missing.value == [*DEFAULT_MISSING, "-", "Unknown", "n/k"]
    assert guessed.missing.reason == "added: -, Unknown, n/k; do they mean nothing?"
    assert guessed.columns["lobe"].reason == "left x 12, right x 12"


def test_a_minus_beside_a_plus_is_an_answer(guess):
    guessed = guess(_small(receptor=_mixed("+", "-"), lobe=_mixed("left", "-", "right")))
    assert guessed.missing is None
    assert guessed.columns["receptor"].reason == "+ x 30, - x 30"


def test_none_is_a_level_where_it_stands_on_a_scale(guess):
    guessed = guess(_small(emphysema=_mixed("none", "mild", "severe"), lobe=_mixed("left", "x")))
    assert guessed.columns["emphysema"].value["levels"] == ["none", "mild", "severe"]
    assert guessed.missing.value == list(READ_AS_MISSING)
    assert guessed.missing.reason == "without none, a level of `emphysema`"
    assert guessed.missing.doubtful


def test_none_means_nothing_anywhere_else(guess):
    guessed = guess(_small(lobe=_mixed("left", "right", "None"), size=_mixed("1.5", "2", "none")))
    assert guessed.missing is None
    assert guessed.columns["lobe"].reason == "left x 20, right x 20"
    assert guessed.columns["size"].value == {"type": "numeric"}


def test_a_table_without_an_outcome_asks_for_one_and_names_what_could_be(guess):
    table = _small(side=_mixed("left", "right"))
    del table["cancer"]
    with pytest.raises(CohortError, match=r"with --target COLUMN; two values are in `side`$"):
        guess(table)
    del table["side"]
    with pytest.raises(CohortError, match=r"with --target COLUMN$"):
        guess(table)


def test_a_table_without_inputs_is_refused(guess):
    table = _small()
    del table["age"]
    with pytest.raises(CohortError, match="nothing is left to predict from"):
        guess(table)


_NAMES = st.sampled_from(
    [
        *(
            "id",
            "PatientID",
            "patientid",
            "scan",
            "image",
            "site",
            "split",
            "fold",
            "label",
            "mask",
        ),
        *("status", "event", "time", "os_event", "os_days", "vital_status", "scan_date", "birth"),
        *("age_at_death", "zip", "sex", "stage", "PT", "#", "no: yes", "\u00e4 [x]", "1", "true"),
    ]
) | st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
_POOLS = st.sampled_from(
    [
        *(["0", "1"], ["1", "2", "9"], ["yes", "no", "Unknown"], ["True", "FALSE"], ["+", "-"]),
        *(["1.5", "2", "-9", "1e3"], ["01", "02"], ["1,5", "2,5", "3"], ["<1", "2", "3", "4"]),
        *(["2020-01-31", "2021-12-01"], ["31.01.2020", "01.02.2020"], ["20200131", "20210131"]),
        *(["T1", "T2", "T3"], ["IA", "IB", "iv"], ["none", "mild", "severe"], ["None", "a"]),
        *(["train", "val", "test"], ["a.nii.gz", "b.nii"], ["Alive", "Dead"], ["--5", "-", "~"]),
        *(["null", "no", "[x]", "a: b"], ["9" * 30, "1"], ["-0", "0", "+1"]),
    ]
)
_CELLS = _POOLS.flatmap(
    lambda pool: st.lists(st.sampled_from([*pool, ""]), min_size=12, max_size=12)
) | st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=6)
    | st.integers(-100, 10**6).map(str)
    | st.floats(0, 100).map(str),
    min_size=12,
    max_size=12,
)


def _places(guessed):
    """Columns with a role, targets, inputs, and those left out."""
    roles = {guessed.case_id.value, guessed.patient_id.value}
    roles |= {guess.value["column"] for guess in guessed.volumes.values()}
    roles |= {guessed.split.value["column"]} if "column" in guessed.split.value else set()
    targets = {
        target.value[key]
        for target in guessed.targets.values()
        for key in ("column", "time", "event")
        if key in target.value
    }
    return roles, targets, set(guessed.columns), set(guessed.left_out)


@given(st.dictionaries(_NAMES, _CELLS, max_size=6))
@example({"x": ["--5", "a"] * 6})
@example({"label": [f"{n}.nii" for n in range(12)]})
@example({"event": ["0", "1"] * 6, "time": [str(n) for n in range(12)], "time_days": ["1"] * 12})
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_table_the_settings_are_valid_and_no_column_is_forgotten(
    tmp_path_factory, columns
):
    needed = {
        "case_id": [f"c{n}" for n in range(12)],
        "cancer": ["0", "1"] * 6,
        "age": [str(40 + 7 * n % 41) for n in range(12)],
    }
    frame = pd.DataFrame({**columns, **needed}, dtype=object)
    frame = frame.where(~frame.isin(["", *READ_AS_MISSING]), np.nan)
    folder = tmp_path_factory.getbasetemp()
    guessed = guess_settings(frame, folder=folder)
    roles, targets, inputs, left_out = _places(guessed)
    assert roles | targets | inputs | left_out == set(frame.columns)
    assert not inputs & (roles | targets | left_out)
    assert not targets & (roles | left_out)
    text = settings_text(guessed, manifest="table.csv", origin="table.csv")
    made = Settings.model_validate(parse_yaml(text, "here"))
    frame = frame.where(~frame.isin(made.cohort.missing), np.nan)
    _, faults = assemble_cohort(frame, made.cohort, modalities=made.modalities, folder=folder)
    if "clinical" in made.modalities:
        faults += read_records(frame, made.modalities["clinical"].columns)[1]
    for fault in faults:
        assert "no such file" in fault.message or "no patient id" in fault.message
