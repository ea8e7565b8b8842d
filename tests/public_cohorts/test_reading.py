"""Tables of a download: the columns that are needed, as text, or one line about what is wrong."""

import json

import numpy as np
import pandas as pd
import pytest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.reading import read_json_records, read_source


def written(folder, text, name="people.csv"):
    file = folder / name
    file.write_text(text)
    return file


def test_needed_columns_are_texts_and_keep_the_rows_of_the_spreadsheet(tmp_path):
    file = written(tmp_path, "pid,age,note\n01, 61 ,a\n\n02,.M,b\n")
    table = read_source(file, required=["pid", "age"], missing=[".M"])
    assert list(table.frame.columns) == ["pid", "age"]
    assert table["pid"].to_dict() == {2: "01", 4: "02"}
    assert table["age"].to_dict() == {2: "61", 4: np.nan}
    assert len(table) == 2


def test_optional_columns_that_are_absent_are_empty_and_named(tmp_path):
    file = written(tmp_path, "pid,age\n1,61\n")
    table = read_source(file, required=["pid"], optional=["age", "race"])
    assert table.absent == ("race",)
    assert table["race"].isna().all()
    assert table["age"].tolist() == ["61"]


def test_an_absent_column_is_told_with_what_it_may_be_called(tmp_path):
    file = written(tmp_path, "pid,agee\n1,61\n")
    with pytest.raises(CohortError, match=r"lacks column `age`; did you mean `agee`\?"):
        read_source(file, required=["pid", "age"])
    with pytest.raises(CohortError, match=r"lacks columns `x1`, `y22`; is this the right file"):
        read_source(file, required=["pid", "x1", "y22"])


def test_case_plays_no_part_only_where_it_is_told(tmp_path):
    file = written(tmp_path, "PID,Age\n1,61\n")
    assert read_source(file, required=["pid", "age"], any_case=True)["age"].tolist() == ["61"]
    with pytest.raises(CohortError, match="lacks columns"):
        read_source(file, required=["pid", "age"])
    double = written(tmp_path, "pid,PID\n1,2\n", "double.csv")
    with pytest.raises(CohortError, match="`PID` stands twice"):
        read_source(double, required=["pid"], any_case=True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("pid,age\n", "has no rows"),
        ("pid,age\n1,61\n2\n", "row 3 has 1 cells but the header has 2; download the file again"),
        ('pid,age\n1,"61\n', "after row 1: .*; download the file again"),
    ],
)
def test_a_file_that_was_cut_off_is_refused_in_one_line(tmp_path, text, message):
    with pytest.raises(CohortError, match=message) as refused:
        read_source(written(tmp_path, text), required=["pid", "age"])
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_and_files_that_are_not_there_are_refused(tmp_path):
    (tmp_path / "latin.csv").write_bytes(b"pid,name\n1,J\xf6rg\n")
    with pytest.raises(CohortError, match=r"latin\.csv: after row"):
        read_source(tmp_path / "latin.csv", required=["pid"])
    with pytest.raises(CohortError, match=r"none\.csv: cannot be read: No such file"):
        read_source(tmp_path / "none.csv", required=["pid"])


@pytest.mark.parametrize("ending", ["parquet", "xlsx"])
def test_parquet_and_excel_are_read_the_same(tmp_path, ending):
    frame = pd.DataFrame({"pid": [1, 2], "age": [61.0, None], "more": ["a", "b"]})
    file = tmp_path / f"people.{ending}"
    (frame.to_parquet if ending == "parquet" else frame.to_excel)(file, index=False)
    table = read_source(file, required=["pid", "age"])
    assert table["pid"].to_dict() == {2: "1", 3: "2"}
    assert table["age"].to_dict() == {2: "61", 3: np.nan}


def test_another_delimiter_can_be_told(tmp_path):
    file = written(tmp_path, "pid\tage\n1\t61\n", "people.tsv")
    assert read_source(file, required=["age"], delimiter="\t")["age"].tolist() == ["61"]


def test_records_of_json_have_names_with_dots_and_are_counted_from_one(tmp_path):
    records = [
        {"case": "a", "tumour": {"size": 3.5, "benign": True}, "sites": [1, 2]},
        {"case": "b", "tumour": {"size": None, "benign": False}},
    ]
    file = written(tmp_path, json.dumps(records), "cases.json")
    table = read_json_records(
        file, required=["case", "tumour.size", "tumour.benign"], optional=["sites", "age"]
    )
    assert table["tumour.size"].to_dict() == {1: "3.5", 2: np.nan}
    assert table["tumour.benign"].tolist() == ["true", "false"]
    assert table["sites"].tolist() == ["[1, 2]", np.nan]
    assert (table.absent, table.place) == (("age",), "record")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read as JSON: .*download it again"),
        ('{"a": 1}', "must be a JSON list of objects"),
        ("[]", "lacks column `case`"),
        ('[{"cas": 1}]', r"did you mean `cas`\?"),
    ],
)
def test_json_that_is_no_list_of_records_is_refused(tmp_path, text, message):
    with pytest.raises(CohortError, match=message):
        read_json_records(written(tmp_path, text, "cases.json"), required=["case"])
