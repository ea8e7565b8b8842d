import pytest
from pydantic import TypeAdapter

from mmfeat.config.cohort import Target
from mmfeat.manifest.columns import leaking_columns, missing_columns, target_columns

CT = {"kind": "volume", "column": "ct_path"}
TABLE = "case_id,patient_id,hospital,y,ct_path,age\na,p,h,1,x,60\n"


@pytest.mark.parametrize(
    ("target", "columns"),
    [
        ({"kind": "binary", "column": "a"}, ["a"]),
        ({"kind": "multiclass", "column": "a", "classes": [1, 2]}, ["a"]),
        ({"kind": "multilabel", "columns": ["a", "b"]}, ["a", "b"]),
        ({"kind": "regression", "column": "a"}, ["a"]),
        ({"kind": "time_to_event", "time": "a", "event": "b"}, ["a", "b"]),
    ],
)
def test_every_kind_of_target_names_its_columns(target, columns):
    assert target_columns(TypeAdapter(Target).validate_python(target)) == columns


def test_columns_that_are_there_are_no_fault(frame, settings):
    made = settings({"ct": CT}, site="hospital")
    assert missing_columns(frame(TABLE), made.cohort, made.modalities) == []


def test_every_named_column_that_is_not_there_is_a_fault_with_the_nearest_name(frame, settings):
    made = settings(
        {"ct": {"kind": "volume", "column": "ct_paht"}},
        {"y": {"kind": "multilabel", "columns": ["Y", "zzz"]}},
        case_id="case",
        patient_id="patient",
        site="hospitl",
        split={"column": "part"},
    )
    faults = {
        fault.column: fault.message
        for fault in missing_columns(frame(TABLE), made.cohort, made.modalities)
    }
    assert faults["ct_paht"] == (
        "not in the manifest, but named by `modalities.ct`; did you mean `ct_path`?"
    )
    assert faults["case"].endswith("by `cohort.case_id`; did you mean `case_id`?")
    assert faults["patient"].endswith("by `cohort.patient_id`; did you mean `patient_id`?")
    assert faults["hospitl"].endswith("by `cohort.site`; did you mean `hospital`?")
    assert faults["Y"].endswith("by `cohort.targets.y`; did you mean `y`?")
    assert faults["zzz"].endswith("it has case_id, patient_id, hospital, y, ct_path, age")
    assert faults["part"].startswith("not in the manifest, but named by `cohort.split.column`")


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("y", "the target `y` is read from it"),
        ("time", "the target `os` is read from it"),
        ("case_id", "it names the case"),
        ("patient_id", "it names the patient"),
        ("part", "it names the part of the split"),
    ],
)
def test_an_answer_or_an_identifier_among_the_inputs_is_a_fault(settings, column, reason):
    targets = {
        "y": {"kind": "binary", "column": "y"},
        "os": {"kind": "time_to_event", "time": "time", "event": "event"},
    }
    for columns in (
        {column: {"type": "categorical"}},
        {"first_visit": {"type": "date_difference", "until": column}},
    ):
        record = {"kind": "table", "columns": {"age": {"type": "numeric"}, **columns}}
        made = settings({"ct": CT, "rec": record}, targets, split={"column": "part"})
        (fault,) = leaking_columns(made.cohort, made.modalities)
        assert fault.column == column
        assert fault.message.startswith(f"take it out of `modalities.rec.columns`: {reason}")


def test_a_site_may_be_an_input(settings):
    record = {"kind": "table", "columns": {"site": {"type": "categorical"}}}
    made = settings({"rec": record}, site="site")
    assert leaking_columns(made.cohort, made.modalities) == []
