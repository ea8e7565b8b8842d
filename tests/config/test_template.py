import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.guess import Evidence, Guess
from mmfeat.config.template import GuessedSettings, settings_text, yaml_value
from mmfeat.config.yaml_text import parse_yaml

_SCALARS = st.text() | st.integers() | st.booleans()


@given(st.dictionaries(st.text(max_size=20), _SCALARS | st.lists(_SCALARS), min_size=1))
def test_a_written_value_is_read_as_it_was_by_our_reader_and_by_others(value):
    text = yaml_value(value)
    assert "\n" not in text
    assert parse_yaml(text, "here") == value
    assert yaml.safe_load(text) == value


@given(st.text())
def test_a_written_text_can_be_a_key_of_a_block(text):
    assert parse_yaml(f"{yaml_value(text)}: {{type: numeric}}  # a\n", "here") == {
        text: {"type": "numeric"}
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("age", "age"),
        ("tumor size (mm)", "tumor size (mm)"),
        ("no", '"no"'),
        ("01", '"01"'),
        ("1", '"1"'),
        ("a: b", '"a: b"'),
        ("a # b", '"a # b"'),
        ("[x]", '"[x]"'),
        ("", '""'),
        ("2024-01-31", '"2024-01-31"'),
        (["", "a", 1], '["", a, 1]'),
        ({"type": "ordinal", "levels": [0, 1]}, "{type: ordinal, levels: [0, 1]}"),
    ],
)
def test_quotes_stand_only_where_a_text_would_read_as_something_else(value, text):
    assert yaml_value(value) == text


def test_every_guess_has_its_reason_and_doubts_are_marked():
    guessed = GuessedSettings(
        case_id=Guess("scan", "a\nreason", Evidence(8, 8)),
        patient_id=Guess("scan", "who?", Evidence(8, 8, ("somebody else",))),
        targets={"y": Guess({"kind": "binary", "column": "y"}, "half", Evidence(6, 8))},
        split=Guess({"folds": 3}, "few"),
        columns={"age: [years]": Guess({"type": "numeric"}, "1 to 2")},
        left_out={"mrn": Guess(None, "an identifier", Evidence(8, 8))},
    )
    text = settings_text(guessed, manifest="a b.csv", origin="a b.csv")
    assert "  case_id: scan     # a reason (90 %)\n" in text
    assert "  patient_id: scan  # check: who? (45 %)\n" in text
    assert "    y: {kind: binary, column: y}  # half (70 %)\n" in text
    assert "  split: {folds: 3}  # few\n" in text
    assert '      "age: [years]": {type: numeric}  # 1 to 2\n' in text
    assert text.endswith("#   mrn: an identifier (90 %)\n")
    read = parse_yaml(text, "here")
    assert read["cohort"] == {
        "manifest": "a b.csv",
        "case_id": "scan",
        "patient_id": "scan",
        "targets": {"y": {"kind": "binary", "column": "y"}},
        "split": {"folds": 3},
    }
    assert list(read["modalities"]) == ["clinical"]


def test_guesses_are_named_by_the_part_of_the_settings_that_they_are_of():
    sure = Guess("a", "", Evidence(1, 1))
    guessed = GuessedSettings(
        case_id=sure, patient_id=sure, targets={"y": sure}, split=sure, left_out={"z": sure}
    )
    assert [(part, name) for part, name, _ in guessed.named()] == [
        ("cohort", "case_id"),
        ("cohort", "patient_id"),
        ("cohort", "split"),
        ("targets", "y"),
        ("left_out", "z"),
    ]
