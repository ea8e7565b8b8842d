import pytest

from mmfeat.errors import CohortError
from mmfeat.manifest.guessed_targets import (
    asked_targets,
    guess_targets,
    label_value,
    outcome_columns,
    sorted_labels,
    sounds_like_outcome,
    target_of,
)

EVENTS = ["0", "1", "1"]
DAYS = ["10", "20", "30"]


@pytest.mark.parametrize(
    "name",
    [
        *("cancer", "label", "Malignant", "OS", "os_months", "PFI.time", "DFI", "relapse_date"),
        *("death", "age_at_death", "days_to_death", "followup", "last_follow_up", "FU_time"),
        *("vital_status", "Date of last contact", "hospital_expire_flag", "is_alive", "survived"),
        *("time", "survival_time", "duration_days"),
    ],
)
def test_what_is_known_only_afterwards_sounds_like_an_outcome(profile, name):
    assert sounds_like_outcome(profile(name, ["1", "2", "3"]))


@pytest.mark.parametrize(
    "name",
    [
        *(
            "age",
            "family_cancer_history",
            "prior_malignancy",
            "age_at_cancer",
            "position",
            "closure",
        ),
        *(
            "5-FU",
            "smoking_years",
            "follow_lung_rads",
            "time_since_surgery",
            "status",
            "vital_signs",
        ),
    ],
)
def test_what_was_known_before_does_not(profile, name):
    assert not sounds_like_outcome(profile(name, ["1", "2", "3"]))


def test_death_among_the_values_sounds_like_an_outcome(profile):
    assert sounds_like_outcome(profile("state", ["Alive", "Dead"]))
    assert sounds_like_outcome(profile("state", ["0:LIVING", "1:DECEASED"]))
    assert not sounds_like_outcome(profile("home", ["living alone", "living with family"]))
    assert not sounds_like_outcome(profile("family", ["mother died", "both live"]))


@pytest.mark.parametrize(
    ("cells", "positive", "negative", "doubtful"),
    [
        (["1", "0", "0"], 1, 0, False),
        (["1.0", "0", "1"], 1, 0, False),
        (["yes", "No", ""], "yes", "No", False),
        (["TRUE", "false"], "true", "false", False),
        (["benign", "malignant"], "malignant", "benign", False),
        (["Alive", "Dead"], "Dead", "Alive", False),
        (["+", "-"], "+", "-", False),
        (["2", "1", "1"], 2, 1, True),  # the rare one
        (["A", "B", "A"], "B", "A", True),
    ],
)
def test_two_values_are_a_yes_and_a_no(profile, cells, positive, negative, doubtful):
    guess = target_of(profile("y", cells))
    assert guess.value == {
        "kind": "binary",
        "column": "y",
        "positive": positive,
        "negative": negative,
    }
    assert guess.doubtful is doubtful
    assert ("is that the yes?" in guess.reason) is doubtful


def test_the_reason_tells_the_share_of_yes_and_how_many_are_known(profile):
    guess = target_of(profile("y", ["1", "0", "0", ""]))
    assert guess.reason == "33.3 % are `1`; known in 3 of 4 rows"


def test_many_numbers_are_a_regression_and_other_values_are_classes(profile):
    guess = target_of(profile("volume_ml", range(11)))
    assert guess.value == {"kind": "regression", "column": "volume_ml"}
    assert not guess.doubtful
    guess = target_of(profile("grade", ["10", "9", "2"]))
    assert guess.value == {"kind": "multiclass", "column": "grade", "classes": [2, 9, 10]}
    assert guess.reason == "are these 3 classes? known in 3 of 3 rows"
    assert guess.doubtful
    assert target_of(profile("x", ["b", "a", "c"])).value["classes"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("1", 1),
        ("-2", -2),
        ("0", 0),
        ("01", "01"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("--5", "--5"),
        ("-", "-"),
        ("-0", "-0"),
        ("\u0663", "\u0663"),  # a digit, but not one of YAML's
        ("9" * 5000, "9" * 5000),
    ],
)
def test_whole_numbers_are_written_as_such_and_all_else_as_text(label, value):
    found = label_value(label)
    assert found == value
    assert type(found) is type(value)


def test_labels_are_sorted_by_number_where_they_are_numbers(profile):
    assert sorted_labels(profile("x", ["10", "9", "1.5"])) == ["1.5", "9", "10"]
    assert sorted_labels(profile("x", ["10", "9", "a"])) == ["10", "9", "a"]


@pytest.mark.parametrize(
    ("event", "time"),
    [
        ("os_event", "os_days"),
        ("event", "time"),
        ("status", "survival_months"),
        ("PFS_status", "PFS_time"),
        ("death_observed", "death_weeks"),
    ],
)
def test_time_and_event_are_found_in_pairs(profiles, event, time):
    found = guess_targets(profiles({time: DAYS, "age": DAYS, event: EVENTS}))
    assert [guess.value for guess in found.values()] == [
        {"kind": "time_to_event", "time": time, "event": event}
    ]
    (guess,) = found.values()
    assert guess.reason == "2 events; the time must be since the scan"
    assert guess.doubtful


@pytest.mark.parametrize(
    ("event", "cells", "time", "times"),
    [
        ("diabetes_status", EVENTS, "diabetes_years", DAYS),  # an illness, not an event
        ("smoking_status", EVENTS, "smoking_duration", DAYS),
        ("x_event", EVENTS, "y_days", DAYS),
        ("x_event", EVENTS, "x_days", ["10", "20", ""]),
        ("x_event", EVENTS, "x_days", ["10", "20", "-3"]),
        ("x_event", EVENTS, "x_days", ["10", "20", "long"]),
        ("x_event", ["1", "2", "2"], "x_days", DAYS),
        ("x", EVENTS, "x_days", DAYS),
    ],
)
def test_what_only_looks_like_a_pair_is_none(profiles, event, cells, time, times):
    found = guess_targets(profiles({event: cells, time: times}))
    assert [guess.value["kind"] for guess in found.values() if "time" in guess.value] == []


def test_binary_targets_come_first_then_classes_then_pairs(profiles):
    columns = {
        "os_event": ["0", "1"] * 3,
        "os_days": range(6),
        "response": ["CR", "PR", "PD"] * 2,
        "cancer": ["0", "1"] * 3,
    }
    found = guess_targets(profiles(columns))
    kinds = [guess.value["kind"] for guess in found.values()]
    assert kinds == ["binary", "multiclass", "time_to_event"]
    assert list(found) == ["cancer", "response", "os_event"]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("date_of_death", ["2020-01-31", "2020-01-31", "2021-01-31", "2021-01-31"]),
        ("death_date", ["2020-01-31", "2021-01-31", "2022-01-31", ""]),
        ("survival_months", ["1", "2", "3"] * 3),
        ("age_at_death", ["70", "71", "72"] * 3),
        ("label_file", ["a.nii", "b.nii", "c.nii"]),
        ("cancer_stage", [str(n) for n in range(11)] * 3),
        ("cancer", ["1", "1", ""]),
    ],
)
def test_dates_times_paths_and_constants_are_no_classes(profiles, name, cells):
    assert guess_targets(profiles({name: cells})) == {}


def test_all_outcomes_and_all_their_times_are_known_as_such(profiles):
    columns = {
        "age": DAYS,
        "event": EVENTS,
        "time": DAYS,
        "time_months": DAYS,
        "cancer": EVENTS,
        "smoking_status": EVENTS,
        "smoking_years": DAYS,
    }
    assert set(outcome_columns(profiles(columns))) == {"event", "time", "time_months", "cancer"}


def test_a_target_is_named_by_its_column_in_letters_that_names_may_have(profiles):
    columns = {"Cancer (1 year)": EVENTS, "cancer?": EVENTS, "cancer!": EVENTS, "死亡": EVENTS}
    named = asked_targets(profiles(columns), list(columns))
    assert list(named) == ["Cancer_1_year", "cancer", "cancer_2", "target"]
    assert [guess.value["column"] for guess in named.values()] == list(columns)


def test_a_long_name_is_cut(profiles):
    (name,) = asked_targets(profiles({"cancer" * 20: EVENTS}), ["cancer" * 20])
    assert name == ("cancer" * 20)[:60]


def test_a_column_asked_for_twice_is_one_target(profiles):
    assert list(asked_targets(profiles({"y": EVENTS}), ["y", "y"])) == ["y"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("cancr", r"--target cancr: no such column; did you mean `cancer`\?"),
        ("x", "--target x: no such column$"),
        ("same", "--target same: all rows have the same value or none"),
        ("empty", "--target empty: all rows have the same value or none"),
    ],
)
def test_a_target_that_cannot_be_one_is_refused(profiles, asked, message):
    columns = profiles({"cancer": EVENTS, "same": ["1", "1", ""], "empty": ["", "", ""]})
    with pytest.raises(CohortError, match=message):
        asked_targets(columns, [asked])
