import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfeat.config.number_cells import number_parser
from mmfeat.config.record_columns import NumericColumn
from mmfeat.tabular.column_reader import ColumnReader
from mmfeat.tabular.number_column import read_numbers

CELLS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers().map(str),
    st.sampled_from(["", "+5", "5.", ".5", "1e400", "1e101", "<3", "9999", "1,5", "5\n", "٣"]),
    st.text(max_size=4),
)


@given(
    st.lists(st.one_of(st.none(), CELLS), min_size=1, max_size=20),
    st.sampled_from(
        [
            {},
            {"minimum": -10, "maximum": 10, "outside": "clip"},
            {"minimum": 0, "limits": "half"},
            {"missing": [9999], "maximum": 1e4, "outside": "missing"},
        ]
    ),
)
def test_a_column_is_read_as_its_cells_are_one_by_one(cells, settings):
    column = NumericColumn(type="numeric", **settings)
    reader = ColumnReader(pd.DataFrame({"x": pd.Series(cells, dtype=object)}))
    read = read_numbers(reader, "x", column)
    parse = number_parser(column)
    faults = {fault.row: fault.message for fault in reader.faults}
    for row, text in enumerate(cells):
        if text is None:
            assert np.isnan(read.values[row])
            continue
        if row + 2 in faults:
            assert np.isnan(read.values[row])
            with pytest.raises(ValueError, match=re.escape(faults[row + 2])):
                parse(text)
        else:
            cell = parse(text)
            np.testing.assert_equal(read.values[row], cell.value)
            assert read.sides is None or read.sides[row] == cell.side


def test_sides_are_kept_only_where_limits_are_allowed():
    frame = pd.DataFrame({"crp": ["<0.5", "3", np.nan, ">200"]})
    allowed = read_numbers(ColumnReader(frame), "crp", NumericColumn(type="numeric", limits="half"))
    np.testing.assert_array_equal(allowed.values, [0.25, 3, np.nan, 200])
    assert allowed.sides.tolist() == [-1, 0, 0, 1]
    reader = ColumnReader(frame)
    refused = read_numbers(reader, "crp", NumericColumn(type="numeric"))
    assert refused.sides is None
    assert [fault.row for fault in reader.faults] == [2, 5]


def test_a_column_that_is_not_there_is_one_fault_and_unknown():
    reader = ColumnReader(pd.DataFrame({"age": ["1", "2"]}))
    read = read_numbers(reader, "agee", NumericColumn(type="numeric"))
    assert np.isnan(read.values).all()
    (fault,) = reader.faults
    assert fault.message == "not in the manifest; did you mean `age`?"


@pytest.mark.parametrize("bound", [{"minimum": 5}, {"maximum": 1}])
def test_cells_out_of_bounds_are_faults_at_their_lines(bound):
    reader = ColumnReader(pd.DataFrame({"x": ["3", "3", "4"]}))
    read_numbers(reader, "x", NumericColumn(type="numeric", **bound))
    assert [fault.row for fault in reader.faults] == [2, 3, 4]
