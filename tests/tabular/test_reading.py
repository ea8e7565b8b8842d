import numpy as np
import pandas as pd
import pytest

from mmfeat.config.record_columns import (
    BooleanColumn,
    CategoricalColumn,
    DateDifferenceColumn,
    NumericColumn,
    OrdinalColumn,
)
from mmfeat.errors import Fault
from mmfeat.tabular.reading import read_records

COLUMNS = {
    "age": NumericColumn(type="numeric"),
    "smoker": BooleanColumn(type="boolean"),
    "grade": OrdinalColumn(type="ordinal", levels=["G1", "G2", "G3"]),
    "site": CategoricalColumn(type="categorical"),
    "birth": DateDifferenceColumn(type="date_difference", until="scan"),
}
FRAME = pd.DataFrame(
    {
        "case_id": ["a", "b", "c", "d"],
        "age": ["61", "70.5", np.nan, np.nan],
        "smoker": ["yes", "0", np.nan, np.nan],
        "grade": ["G3", np.nan, "G1", np.nan],
        "site": ["01", "lung", np.nan, np.nan],
        "birth": ["2020-02-28", "2020-01-01", "2020-01-01", np.nan],
        "scan": ["2020-03-01", "2019-12-31", np.nan, np.nan],
    }
)


def test_each_column_gets_its_type():
    table, faults = read_records(FRAME, COLUMNS)
    assert faults == []
    nan = np.nan
    np.testing.assert_array_equal(table.columns["age"].values, [61, 70.5, nan, nan])
    np.testing.assert_array_equal(table.columns["smoker"].values, [1, 0, nan, nan])
    np.testing.assert_array_equal(table.columns["grade"].values, [2, nan, 0, nan])
    assert table.columns["grade"].levels == ("G1", "G2", "G3")
    assert table.columns["site"].values.tolist() == ["01", "lung", None, None]
    np.testing.assert_array_equal(table.columns["birth"].values, [2, -1, nan, nan])
    assert list(table.kinds) == list(COLUMNS)
    assert table.present.tolist() == [True, True, True, False]


def test_every_cell_that_does_not_fit_is_a_fault_at_its_line_and_unknown_in_the_table():
    frame = pd.DataFrame({"age": ["61", "12 kg", np.nan, "12 kg", "1,5"]}, index=[9, 9, 7, 3, 1])
    table, faults = read_records(frame, {"age": COLUMNS["age"]})
    assert [(fault.row, fault.column, fault.value) for fault in faults] == [
        (3, "age", "12 kg"),
        (5, "age", "12 kg"),
        (6, "age", "1,5"),
    ]
    np.testing.assert_array_equal(table.columns["age"].values, [61] + [np.nan] * 4)


def test_a_column_that_is_not_there_is_a_fault_with_a_suggestion():
    table, faults = read_records(FRAME, {"Age": COLUMNS["age"], "weight": COLUMNS["age"]})
    assert faults == [
        Fault("not in the manifest; did you mean `age`?", column="Age"),
        Fault("not in the manifest", column="weight"),
    ]
    assert len(table) == 4
    assert not table.present.any()


def test_an_index_date_that_does_not_fit_is_one_fault_even_if_two_columns_use_it():
    frame = pd.DataFrame({"x": ["2020-01-01"], "y": ["2020-01-02"], "scan": ["yesterday"]})
    column = DateDifferenceColumn(type="date_difference", until="scan")
    table, faults = read_records(frame, {"x": column, "y": column})
    assert [(fault.row, fault.column) for fault in faults] == [(2, "scan")]
    assert not table.present.any()


def test_times_of_day_count_as_parts_of_days():
    frame = pd.DataFrame({"x": ["2020-01-01 06:00"], "scan": ["2020-01-02 12:00"]})
    column = DateDifferenceColumn(type="date_difference", until="scan", format="%Y-%m-%d %H:%M")
    table, _ = read_records(frame, {"x": column})
    assert table.columns["x"].values.tolist() == [1.25]


def test_settings_that_contradict_themselves_are_one_fault_of_the_column():
    columns = {"grade": OrdinalColumn(type="ordinal", levels=["G1", "G1"])}
    _, faults = read_records(FRAME, columns)
    assert [(fault.row, fault.column) for fault in faults] == [(None, "grade")]
    assert "name `G1` twice" in faults[0].message


def test_a_table_without_rows_is_read():
    table, faults = read_records(FRAME.iloc[:0], COLUMNS)
    assert (len(table), faults) == (0, [])


@pytest.mark.parametrize("modality", ["clinical", "blood", "pathological"])
def test_a_real_cohort_reads_as_pandas_reads_it(shared_data, modality):
    frame = pd.read_csv(shared_data / "hancock" / "table.csv", dtype=str)
    wanted = [name for name in frame.columns if name.startswith(modality)]
    table, faults = read_records(frame, dict.fromkeys(wanted, NumericColumn(type="numeric")))
    assert faults == []
    for name in wanted:
        np.testing.assert_array_equal(table.columns[name].values, frame[name].to_numpy(float))
