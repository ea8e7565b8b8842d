"""A table with one row for each scan becomes the scans of each case, or a list of faults."""

import pytest

from mmfeat.config.modalities import VolumeModality
from mmfeat.errors import CohortError
from mmfeat.manifest.scan_table import SideTable, read_scan_table, read_side_table

MANIFEST = "case_id,patient_id,index\na,p,2021-01-11\nb,p,2021-02-01\nc,q,\n"


@pytest.fixture
def read(tmp_path, frame):
    """A function that reads a table of scans, of which 1.nii to 5.nii are there."""
    for number in range(1, 6):
        (tmp_path / f"{number}.nii").touch()

    def read_table(text, manifest=MANIFEST, **settings):
        columns = settings.pop("columns", {})
        scans = {"file": "scans.csv", **columns}
        modality = VolumeModality(kind="volume", scans=scans, **settings)
        cases = frame(manifest)
        return read_scan_table(
            SideTable(tmp_path / "scans.csv", frame(text)),
            modality,
            manifest=cases,
            case_ids=cases["case_id"].tolist(),
            patients=cases["patient_id"].tolist(),
        )

    return read_table


DATES = {"columns": {"date": "date"}, "index_date": "index"}
DAYS = {"columns": {"days": "days"}}


def _named(scans):
    return [[(scan.path.name, scan.days) for scan in of_case] for of_case in scans.sources]


def test_scans_come_to_their_cases_in_the_order_of_their_paths(read, tmp_path):
    scans = read("case_id,path\nc,5.nii\na,2.nii\na,1.nii\n")
    assert scans.faults == []
    assert _named(scans) == [[("1.nii", None), ("2.nii", None)], [], [("5.nii", None)]]
    assert scans.sources[2][0].path == tmp_path / "5.nii"


def test_days_are_counted_from_the_date_to_the_index_date_and_the_latest_scan_comes_first(read):
    text = (
        "case_id,path,date\na,1.nii,2020-01-11\na,2.nii,2021-01-11\na,4.nii,\nc,5.nii,2021-01-01\n"
    )
    scans = read(text, **DATES)
    assert scans.faults == []
    assert _named(scans) == [
        [("2.nii", 0.0), ("1.nii", 366.0), ("4.nii", None)],
        [],
        [("5.nii", None)],
    ]


def test_days_may_be_given_and_columns_have_other_names(read):
    columns = {"case": "who", "path": "what", "days": "ago"}
    scans = read("who,what,ago\nb,1.nii,30\nb,2.nii,7.5\n", columns=columns)
    assert _named(scans)[1] == [("2.nii", 7.5), ("1.nii", 30.0)]


def test_a_format_of_dates_holds_for_the_scans_and_the_index_date(read):
    text = "case_id,path,date\na,1.nii,09/01/2021\n"
    manifest = "case_id,patient_id,index\na,p,11/01/2021\n"
    columns = {"date": "date", "date_format": "%d/%m/%Y"}
    assert _named(read(text, manifest, columns=columns, index_date="index")) == [[("1.nii", 2.0)]]
    (fault,) = read(
        text, manifest, columns=columns | {"date_format": "%"}, index_date="index"
    ).faults
    assert "is no date format of strptime" in fault.message


def test_every_fault_is_found_in_one_pass_with_its_place(read):
    text = (
        "case_id,path,date\n"
        "d,1.nii,2020-01-01\n"
        ",1.nii,2020-01-01\n"
        "a,,2020-01-01\n"
        "a,9.nii,2020-01-01\n"
        "a,1.nii,01.01.2020\n"
        "a,1.nii,2020-01-01\n"
        "c,1.nii,2020-01-01\n"
        "a,2.nii,2021-01-12\n"
    )
    manifest = MANIFEST.replace("2021-02-01", "February")
    faults = read(text, manifest, **DATES).faults
    assert {(fault.table, fault.row, fault.column, fault.value) for fault in faults} == {
        ("scans.csv", 2, "case_id", "d"),
        ("scans.csv", 3, "case_id", None),
        ("scans.csv", 4, "path", None),
        ("scans.csv", 5, "path", "9.nii"),
        ("scans.csv", 6, "date", "01.01.2020"),
        ("scans.csv", 7, "path", "1.nii"),
        ("scans.csv", 8, "path", "1.nii"),
        ("scans.csv", 9, "date", None),
        (None, 3, "index", "February"),
    }
    texts = {fault.row: str(fault) for fault in faults if fault.table}
    assert texts[2] == (
        "scans.csv, row 2, column `case_id`: no case of the manifest; add it there, or delete the "
        "row (found `d`)"
    )
    assert "paths are relative to scans.csv" in texts[5]
    assert "a second time for the same case, after row 6" in texts[7]
    assert "the scan of another patient, in row 6" in texts[8]
    assert "after the index date by 1 d, so on that day nobody can know of it" in texts[9]


def test_a_case_that_is_misspelt_is_named_as_it_may_be_meant(read):
    manifest = "case_id,patient_id\ncase-001,p\n"
    (fault,) = read("case_id,path\ncase_001,1.nii\n", manifest).faults
    assert fault.message == "no case of the manifest; did you mean `case-001`?"


def test_scans_after_the_index_date_can_be_left_out_or_used(read):
    text = "case_id,path,days\na,1.nii,5\na,2.nii,-1\nb,3.nii,-2\n"
    (first, second) = read(text, **DAYS).faults
    assert (first.row, second.row) == (3, 4)
    left_out = read(text, **DAYS, after_index="leave_out")
    assert left_out.faults == []
    assert _named(left_out) == [[("1.nii", 5.0)], [], []]
    assert left_out.note == (
        "scans.csv: scans left out because they are after the index date: 2; "
        "cases that have no other: 1"
    )
    used = read(text, **DAYS, after_index="use")
    assert (used.faults, used.note) == ([], None)
    assert _named(used) == [[("2.nii", -1.0), ("1.nii", 5.0)], [("3.nii", -2.0)], []]


def test_the_latest_scan_cannot_be_chosen_where_days_are_not_known(read):
    text = "case_id,path,days\na,1.nii,5\na,2.nii,\nb,3.nii,\n"
    assert read(text, **DAYS).faults == []
    (fault,) = read(text, **DAYS, several="latest").faults
    assert (fault.row, fault.column) == (3, "days")
    assert "not known, but `several: latest` chooses by them" in fault.message


def test_a_bad_date_is_one_fault_even_where_scans_are_chosen_by_it(read):
    text = "case_id,path,days\na,1.nii,5\na,2.nii,five\n"
    (fault,) = read(text, **DAYS, several="earliest").faults
    assert fault.message == "not a number of days; correct it or leave the cell empty"


def test_columns_that_are_not_there_are_named_with_those_that_are(read):
    scans = read("case,path,x\na,1.nii,1\n", columns={"days": "age"})
    named = "no such column, but the settings name it"
    assert [str(fault) for fault in scans.faults] == [
        f"scans.csv, column `case_id`: {named}; did you mean `case`?",
        f"scans.csv, column `age`: {named}; it has case, path, x",
    ]
    assert scans.sources == ((), (), ())


def test_an_index_date_that_is_not_in_the_manifest_is_not_asked_for_row_by_row(read):
    text = "case_id,path,date\na,1.nii,2020-01-01\na,2.nii,2020-01-02\n"
    settings = {"columns": {"date": "date"}, "index_date": "when", "several": "latest"}
    assert read(text, **settings).faults == []


def test_a_file_that_is_no_table_is_named_with_its_setting(tmp_path):
    with pytest.raises(
        CohortError, match=r"no such file; `modalities\.ct\.scans\.file` is relative"
    ):
        read_side_table(tmp_path / "scans.csv", ["NA"], "ct")
    (tmp_path / "scans.csv").write_text("case_id,path\n")
    with pytest.raises(CohortError, match="no rows; one row for each scan is needed"):
        read_side_table(tmp_path / "scans.csv", ["NA"], "ct")


def test_a_modality_without_a_table_is_a_mistake_of_the_caller(frame, tmp_path):
    table = SideTable(tmp_path / "scans.csv", frame("case_id,path\n"))
    column = VolumeModality(kind="volume", column="ct")
    with pytest.raises(ValueError, match="has no table of scans"):
        read_scan_table(table, column, manifest=table.frame, case_ids=[], patients=[])
