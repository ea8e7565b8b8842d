import numpy as np

from mmfeat.tabular.known_values import KnownValues, known_values
from mmfeat.tabular.records import RecordColumn, RecordTable


def _objects(*values):
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def test_categories_levels_and_codes_that_training_never_saw_are_named():
    cases = {
        "lobe": (
            RecordColumn("categorical", _objects("upper", None)),
            RecordColumn("categorical", _objects("upper", "lower", None)),
            ("", "`lobe` `lower` was never seen in training", ""),
        ),
        "stage": (
            RecordColumn("ordinal", np.array([0.0, 1.0]), levels=("I", "II", "III")),
            RecordColumn("ordinal", np.array([2.0, np.nan, 1.0]), levels=("I", "II", "III")),
            ("`stage` `III` was never seen in training", "", ""),
        ),
        "icd": (
            RecordColumn("codes", _objects(("C34", "I10"), ())),
            RecordColumn("codes", _objects(("C34", "E11", "J44"), None, ())),
            ("`icd` `E11`, `J44` was never seen in training", "", ""),
        ),
    }
    for name, (seen, new, remarks) in cases.items():
        assert KnownValues.of(seen).remarks(name, new) == remarks


def test_numbers_beyond_the_training_range_are_named_and_its_ends_are_not():
    known = KnownValues.of(RecordColumn("numeric", np.array([18.0, 90.0, np.nan])))
    new = RecordColumn("numeric", np.array([18.0, 90.0, 17.5, 91.0, np.nan]))
    assert known.remarks("age", new) == (
        "",
        "",
        "`age` 17.5 is below 18 to 90",
        "`age` 91 is above 18 to 90",
        "",
    )


def test_only_the_given_rows_are_known_and_yes_or_no_and_text_are_never_unknown():
    records = RecordTable(
        {
            "age": RecordColumn("numeric", np.array([1.0, 2.0, 3.0])),
            "smoker": RecordColumn("boolean", np.array([1.0, 1.0, 0.0])),
            "note": RecordColumn("text", _objects("a", "b", "c")),
        }
    )
    known = known_values(records, np.array([0, 1]))
    assert known["age"].range == (1.0, 2.0)
    for name in ("smoker", "note"):
        assert known[name] == KnownValues()
        assert known[name].remarks(name, records.columns[name]) == ("", "", "")


def test_a_column_that_training_never_knew_says_nothing():
    known = KnownValues.of(RecordColumn("numeric", np.array([np.nan])))
    assert known.remarks("age", RecordColumn("numeric", np.array([5.0]))) == ("",)


def test_json_makes_the_same_again():
    for known in (KnownValues((1.5, 2.0)), KnownValues(labels=("a", "b")), KnownValues()):
        assert KnownValues.from_json(known.to_json()) == known
