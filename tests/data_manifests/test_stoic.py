import pytest

from mmfeat.errors import CohortError

WAY = ("stoic", None)
REFERENCE = "metadata/reference.csv"


def headered(download, case, old, new):
    """Change the header of a case's scan."""
    file = download.folder / "data" / "mha" / f"{case}.mha"
    content = file.read_bytes()
    assert old in content
    file.unlink()
    file.write_bytes(content.replace(old, new, 1))


def test_severity_is_known_of_patients_with_covid_only(table):
    assert set(table.loc[table["covid"] == "0", "severe"].dropna()) == set()
    assert set(table.loc[table["covid"] == "1", "severe"]) == {"0", "1"}


def test_severity_without_covid_is_no_label_even_if_it_is_written(table, download):
    case = table.query("covid == '0'").index[0]
    download.change(REFERENCE, lambda text: text.replace(f"{case},0,0", f"{case},0,1"))
    assert download.table()["severe"].isna()[case]


def test_age_and_sex_are_those_of_the_header(table, download):
    case = table.query("age == '65'").index[0]
    headered(download, case, b"PatientAge = 065Y", b"PatientAge = 075Y")
    headered(download, case, b"PatientSex = ", b"PatientSex = O\nAnother = ")
    changed = download.table().loc[case]
    assert changed["age"] == "75"
    assert changed[["sex"]].isna().all()


def test_a_header_without_age_and_sex_leaves_them_unknown_and_is_counted(built):
    n_lacking = int(built.table["age"].isna().sum())
    assert n_lacking > 0
    assert f"the headers of {n_lacking} scans lack age or sex" in built.notes


def test_an_age_that_is_none_is_refused_with_the_scan(table, download):
    case = table.query("age == '65'").index[0]
    headered(download, case, b"PatientAge = 065Y", b"PatientAge = old!")
    with pytest.raises(CohortError, match=rf"{case}\.mha: its header says PatientAge `old!`"):
        download.build()


def test_an_unknown_sex_is_refused_with_the_scan(table, download):
    case = table.query("sex == 'male'").index[0]
    headered(download, case, b"PatientSex = M", b"PatientSex = X")
    with pytest.raises(CohortError, match=rf"{case}\.mha: its header says PatientSex `X`"):
        download.build()


def test_patients_without_a_scan_are_left_out_and_named(table, download):
    case = table.index[0]
    (download.folder / "data" / "mha" / f"{case}.mha").unlink()
    built = download.build()
    assert case not in set(built.table["case_id"])
    assert built.left_out == {"its scan is not in the folder": (case,)}


def test_a_folder_without_any_scan_is_refused(download):
    for file in (download.folder / "data" / "mha").iterdir():
        file.unlink()
    with pytest.raises(CohortError, match=r"holds no scan that reference\.csv names, such as"):
        download.build()


def test_a_code_that_is_no_yes_or_no_is_refused_with_its_row(download):
    download.change(REFERENCE, lambda text: text.replace(",1,1\n", ",2,1\n", 1))
    with pytest.raises(CohortError, match="column `probCOVID`: `2` is none of the codes"):
        download.build()
