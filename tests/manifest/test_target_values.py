import numpy as np
import pytest
from pydantic import TypeAdapter

from mmfeat.config.cohort import Target
from mmfeat.manifest.cohort import TimeRules
from mmfeat.manifest.target_values import read_target


@pytest.fixture
def read(frame):
    def read_column(cells, **target):
        table = frame("y,z,id\n" + "".join(f"{cell},i\n" for cell in cells))
        return read_target(table, "out", TypeAdapter(Target).validate_python(target))

    return read_column


def _found(faults):
    return [(fault.row, fault.column, fault.value) for fault in faults]


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["1", "0", "", "1.0"], {}),
        (["true", "FALSE", "", "True"], {"positive": True, "negative": False}),
        (["yes", "no", "", "yes"], {"positive": "yes", "negative": "no"}),
        (["2", "1", "", "2.0"], {"positive": 2, "negative": 1}),
        (["2", "1", "", "2.0"], {"positive": "2", "negative": 1.0}),
    ],
)
def test_labels_are_compared_as_text_however_they_are_written(read, cells, labels):
    values, faults = read([f"{cell}," for cell in cells], kind="binary", column="y", **labels)
    assert faults == []
    np.testing.assert_array_equal(values.values, [[1], [0], [np.nan], [1]])
    assert len(values.names) == 1
    assert values.known.tolist() == [True, True, False, True]


def test_a_cell_that_is_no_declared_label_is_a_fault_in_its_row(read):
    _, faults = read(["1,", "0,", "2,", "inf,", "yes,"], kind="binary", column="y")
    assert _found(faults) == [(4, "y", "2"), (5, "y", "inf"), (6, "y", "yes")]
    assert faults[0].message == (
        "not a declared label of the target `out` (`0`, `1`); correct or empty the cell"
    )


def test_classes_are_numbered_in_the_order_of_the_settings(read):
    values, faults = read(
        ["II,", "I,", ",", "III,", "I,"], kind="multiclass", column="y", classes=["I", "II", "III"]
    )
    assert faults == []
    assert values.names == ("I", "II", "III")
    np.testing.assert_array_equal(values.values[:, 0], [1, 0, np.nan, 2, 0])


def test_codes_with_leading_zeros_are_not_numbers(read):
    values, faults = read(["01,", "1,"], kind="multiclass", column="y", classes=["01", 1])
    assert faults == []
    np.testing.assert_array_equal(values.values[:, 0], [0, 1])


@pytest.mark.parametrize(
    "target",
    [
        {"kind": "binary", "positive": 1, "negative": "1.0"},
        {"kind": "multiclass", "classes": ["a", "1", 1.0]},
    ],
)
def test_a_label_that_is_declared_twice_is_a_fault(read, target):
    _, faults = read(["1,", "0,"], column="y", **target)
    assert [fault.message for fault in faults] == [
        "the target `out` declares `1` twice; each class needs its own value"
    ]


def test_findings_are_0_1_or_unknown(read):
    values, faults = read(["1,0", "0,", ",1"], kind="multilabel", columns=["y", "z"])
    assert faults == []
    np.testing.assert_array_equal(values.values, [[1, 0], [0, np.nan], [np.nan, 1]])
    assert values.names == ("y", "z")
    _, faults = read(["1,0", "0,2", "0.5,1"], kind="multilabel", columns=["y", "z"])
    assert _found(faults) == [(4, "y", "0.5"), (3, "z", "2")]
    _, faults = read(["1,0", "0,1"], kind="multilabel", columns=["y", "y"])
    assert "names a column twice" in faults[0].message


def test_a_regression_target_takes_finite_numbers_only(read):
    values, faults = read(["1.5,", ",", "-2e1,"], kind="regression", column="y")
    assert faults == []
    np.testing.assert_array_equal(values.values[:, 0], [1.5, np.nan, -20])
    _, faults = read(["1.5,", "1,5", "inf,", "x,"], kind="regression", column="y")
    assert _found(faults) == [(4, "y", "inf"), (5, "y", "x")]


def test_a_time_is_0_or_more_and_an_event_0_or_1_and_both_are_given_or_neither(read):
    kind = {"kind": "time_to_event", "time": "y", "event": "z"}
    values, faults = read(["10,1", ",", "0,0"], **kind)
    assert faults == []
    np.testing.assert_array_equal(values.values, [[10, 1], [np.nan, np.nan], [0, 0]])
    assert values.names == ("y", "z")
    _, faults = read(["-1,1", "x,0", "3,2", "4,", ",1"], **kind)
    assert sorted(_found(faults), key=str) == sorted(
        [(2, "y", "-1"), (3, "y", "x"), (4, "z", "2"), (5, None, None), (6, None, None)], key=str
    )


def test_horizons_are_those_given_or_the_quartiles_of_event_times_to_two_digits(read):
    kind = {"kind": "time_to_event", "time": "y", "event": "z"}
    cells = ["101,1", "203,1", "307,1", "999,0", ","]
    values, faults = read(cells, **kind)
    assert faults == []
    assert values.times.horizons == (150.0, 200.0, 260.0)
    values, faults = read(cells, **kind, horizons=[90, 365], intervals=4, model="cox")
    assert faults == []
    assert values.times == TimeRules((90.0, 365.0), 4, is_cox=True)


def test_a_horizon_that_nobody_is_followed_to_is_a_fault(read):
    kind = {"kind": "time_to_event", "time": "y", "event": "z", "horizons": [365]}
    _, (fault,) = read(["12,1", "24,0"], **kind)
    assert fault.message.startswith("no case of the target `out` is followed until the horizon 365")


@pytest.mark.parametrize(
    ("cells", "target", "value"),
    [
        (["1,", "1,", ","], {"kind": "binary", "column": "y"}, "1"),
        (["b,", "b,"], {"kind": "multiclass", "column": "y", "classes": ["a", "b"]}, "b"),
        (["1,0", "0,0"], {"kind": "multilabel", "columns": ["y", "z"]}, "0"),
        (["2.5,", "2.5,"], {"kind": "regression", "column": "y"}, "2.5"),
        (["1,0", "2,0"], {"kind": "time_to_event", "time": "y", "event": "z"}, "0"),
    ],
)
def test_a_target_with_one_value_only_is_a_fault_that_names_it(read, cells, target, value):
    _, (fault,) = read(cells, **target)
    assert fault.message.startswith("the target `out` has only one value, so that nothing")
    assert fault.value == value


def test_a_target_without_any_label_is_a_fault(read):
    _, (fault,) = read([",", ","], kind="binary", column="y")
    assert str(fault) == "column `y`: the target `out` has no label in any row"
