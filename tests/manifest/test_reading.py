import builtins
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmfeat.errors import CohortError
from mmfeat.manifest.reading import read_manifest

MISSING = ["", "NA", "-99"]


def _read(file):
    return read_manifest(file, MISSING)


@pytest.fixture
def csv_file(tmp_path):
    def write(text):
        file = tmp_path / "table.csv"
        file.write_text(text)
        return file

    return write


def _write_excel(file, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file


def test_cells_are_stripped_text_and_missing_ones_nan(csv_file):
    frame = _read(csv_file("id , x\n 1,  a \n 02 ,NA\n3,-99\n"))
    assert list(frame.columns) == ["id", "x"]
    assert frame["id"].tolist() == ["1", "02", "3"]
    assert frame["x"].tolist()[0] == "a"
    assert frame["x"].isna().tolist() == [False, True, True]
    assert set(frame.dtypes) == {np.dtype(object)}


def test_rows_stay_where_a_spreadsheet_shows_them(csv_file):
    frame = _read(csv_file("id,x\na,1\n\nb,2\n,\n\n"))
    assert frame["id"].tolist()[::2] == ["a", "b"]
    assert frame.isna().all(axis=1).tolist() == [False, True, False]


def test_unnamed_columns_get_a_name_and_line_breaks_in_names_become_spaces(csv_file):
    assert list(_read(csv_file(',id,"size\n(mm)",\n0,a,1,\n')).columns) == [
        "unnamed_1",
        "id",
        "size (mm)",
        "unnamed_4",
    ]


def test_parquet_and_excel_read_like_the_csv_file_of_the_same_table(tmp_path, csv_file):
    text = "id,n,flag,day,share\n1,7,true,2024-01-31,0.5\n2,,false,,1\n"
    columns = {
        "id": [1.0, 2.0],
        "n": [7, None],
        "flag": [True, False],
        "day": [date(2024, 1, 31), None],
        "share": [0.5, 1.0],
    }
    pq.write_table(pa.table(columns), tmp_path / "table.parquet")
    rows = [list(columns), *zip(*columns.values(), strict=True)]
    excel = _write_excel(tmp_path / "table.xlsx", rows)
    wanted = _read(csv_file(text))
    pd.testing.assert_frame_equal(_read(tmp_path / "table.parquet"), wanted)
    pd.testing.assert_frame_equal(_read(excel), wanted)


def test_the_first_sheet_is_read_unless_another_is_named_and_there(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["word"])
    book.active.append(["age"])
    sheet = book.create_sheet("Data")
    sheet.append(["id"])
    sheet.append(["a"])
    book.save(tmp_path / "table.xlsx")
    columns = [
        list(read_manifest(tmp_path / "table.xlsx", set(), sheet=name).columns)
        for name in (None, "Data", "data")
    ]
    assert columns == [["word"], ["id"], ["word"]]


def test_long_whole_numbers_beside_empty_cells_keep_every_digit(tmp_path):
    table = pa.table({"uid": pa.array([12345678901234567, None], pa.int64())})
    pq.write_table(table, tmp_path / "table.parquet")
    assert _read(tmp_path / "table.parquet")["uid"].tolist() == ["12345678901234567"]


def test_the_index_that_pandas_saves_is_a_column_when_it_has_a_name(tmp_path):
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="case_id"))
    frame.to_parquet(tmp_path / "named.parquet")
    frame.reset_index(drop=True).loc[[1, 0]].to_parquet(tmp_path / "plain.parquet")
    assert sorted(_read(tmp_path / "named.parquet").columns) == ["case_id", "x"]
    assert list(_read(tmp_path / "plain.parquet").columns) == ["x"]


def test_excel_without_openpyxl_names_the_extra(tmp_path, monkeypatch):
    file = _write_excel(tmp_path / "table.xlsx", [["id"], ["a"]])
    load = builtins.__import__

    def without_openpyxl(name, *arguments, **options):
        if name == "openpyxl":
            raise ImportError(name)
        return load(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_openpyxl)
    with pytest.raises(CohortError, match=r'need `pip install "mmfeat\[excel\]"`'):
        _read(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty; a header"),
        ("\n\n", "is empty; a header"),
        ("id,x\n", "has a header but no rows"),
        ("id,x\n,\n", "has a header but no rows"),
        (",\n1,2\n", "the first row is empty"),
        ("id,x,x,id\n1,2,3,4\n", "(?s)2 faults.*`id`: stands 2 times .columns 1, 4.*`x`.* 2, 3"),
        ("id,x\na,1,2\n", "row 2: has 3 cells but the header has 2; put quotes"),
        ("id,x\na,1\nb\n", "row 3: has 1 cells but the header has 2"),
    ],
)
def test_what_is_no_table_is_refused(csv_file, text, message):
    with pytest.raises(CohortError, match=message):
        _read(csv_file(text))


def test_every_ragged_row_is_listed_and_empty_cells_at_the_end_are_not_ragged(csv_file):
    with pytest.raises(CohortError) as caught:
        _read(csv_file("id,x\na,1,2\nb,1,,\nc\n"))
    assert [fault.row for fault in caught.value.faults] == [2, 4]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("table.parquet", "cannot be read as Parquet: "),
        ("table.xlsx", "cannot be read as Excel: "),
        ("table.xls", r"not read from `\.xls` files; save it as \.xlsx"),
        ("table.sav", r"not read from `\.sav` files; use one of \.csv"),
    ],
)
def test_files_of_other_kinds_are_refused(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"something else entirely")
    with pytest.raises(CohortError, match=message) as caught:
        _read(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(CohortError, match=r"no\.csv: no such file; `cohort\.manifest` is relative"):
        _read(tmp_path / "no.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(CohortError, match="is a folder"):
        _read(tmp_path / "folder.csv")
