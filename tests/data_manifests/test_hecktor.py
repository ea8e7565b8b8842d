import openpyxl
import pytest

from mmfeat.errors import CohortError

from .downloads import written

WAY = ("hecktor", None)
ROOT = "hecktor2025_training"
TASK_2 = f"{ROOT}/Task 2/HECKTOR_2025_Training_Task_2.csv"
TASK_3 = f"{ROOT}/Task 3/HECKTOR_2025_Training_Task_3.csv"


@pytest.fixture(scope="module")
def earlier(tmp_path_factory):
    return written("hecktor", tmp_path_factory.mktemp("hecktor") / "download", "2022")


def changed_cell(text, patient, column, value):
    lines = text.splitlines()
    place = lines[0].split(",").index(column)
    row = next(number for number, line in enumerate(lines) if line.startswith(f"{patient},"))
    cells = lines[row].split(",")
    cells[place] = value
    lines[row] = ",".join(cells)
    return "\n".join(lines) + "\n"


def test_scans_and_outlines_are_found_in_the_folders_of_their_tasks(table):
    first = table.loc["CHUM-001"]
    assert first["ct"] == f"{ROOT}/Task 2/CHUM-001/CHUM-001__CT.nii.gz"
    assert first["pet"] == f"{ROOT}/Task 2/CHUM-001/CHUM-001__PT.nii.gz"
    assert first["mask"] == f"{ROOT}/Task 1/CHUM-001/CHUM-001.nii.gz"
    assert first["centre"] == "CHUM"


def test_both_releases_say_the_same_of_the_same_patients(table, earlier):
    shared = ["age", "sex", "tobacco", "performance", "hpv", "relapse", "rfs_days", "centre"]
    assert table[shared].equals(earlier.table()[shared])


def test_codes_become_words(table):
    assert set(table["sex"]) == {"female", "male"}
    assert set(table["treatment"]) == {"radiotherapy", "chemoradiotherapy"}
    assert set(table["tobacco"].dropna()) == {"no", "yes"}


def test_the_hpv_status_is_that_of_task_3(table, download):
    assert table.loc["CHUM-002", "hpv"] == "1"
    download.change(TASK_3, lambda text: changed_cell(text, "CHUM-002", "HPV Status", "0.0"))
    assert download.table().loc["CHUM-002", "hpv"] == "0"


def test_where_tables_contradict_the_table_of_task_2_counts_and_a_note_says_so(table, download):
    age = table.loc["CHUM-002", "age"]
    download.change(TASK_3, lambda text: changed_cell(text, "CHUM-002", "Age", "99"))
    built = download.build()
    assert built.table.set_index("case_id").loc["CHUM-002", "age"] == age
    assert any(note.startswith("1 cells differ between the tables") for note in built.notes)


def test_a_patient_of_task_3_alone_is_taken_with_what_is_known(download):
    download.change(
        TASK_3, lambda text: text.replace("CHUM-002,", "NEW-001,").replace("CHUM-001,", "NEW-002,")
    )
    folder = download.folder / ROOT / "Task 3" / "NEW-001"
    folder.mkdir()
    scan = download.folder / ROOT / "Task 2" / "CHUM-002" / "CHUM-002__CT.nii.gz"
    (folder / "NEW-001__CT.nii.gz").hardlink_to(scan)
    built = download.build()
    new = built.table.set_index("case_id").loc["NEW-001"]
    assert new["hpv"] == "1"
    assert new[["relapse", "rfs_days", "pet", "mask"]].isna().all()
    assert built.left_out == {"no CT in the folder": ("NEW-002",)}


def test_a_relapse_without_a_time_is_no_label_and_is_counted(download):
    download.change(TASK_2, lambda text: changed_cell(text, "CHUM-001", "RFS", ""))
    built = download.build()
    assert built.table.set_index("case_id").loc["CHUM-001", ["relapse", "rfs_days"]].isna().all()
    assert any(note.startswith("1 patients have a relapse or a time alone") for note in built.notes)


def test_settings_of_the_tumour_are_there_only_where_outlines_are(built, download):
    assert set(built.settings) == {"mmfeat.yaml", "tumour.yaml"}
    for file in (download.folder / ROOT / "Task 1").glob("*/*.nii.gz"):
        file.unlink()
    assert set(download.build().settings) == {"mmfeat.yaml"}


def test_treatment_is_in_the_table_and_in_no_settings(sample, earlier):
    for download, columns in ((sample, ["treatment"]), (earlier, ["surgery", "chemotherapy"])):
        built = download.build()
        assert set(columns) <= set(built.table.columns)
        for text in built.settings.values():
            lines = [line for line in text.splitlines() if not line.strip().startswith("#")]
            assert not [line for line in lines if any(name in line for name in columns)]


def test_a_code_of_sex_that_is_not_of_the_release_is_refused(download):
    download.change(TASK_2, lambda text: changed_cell(text, "CHUM-001", "Gender", "M"))
    with pytest.raises(CohortError, match="row 2, column `Gender`: `M` is none of the codes"):
        download.build()


def test_an_id_that_names_no_centre_is_refused(download):
    download.change(TASK_2, lambda text: text.replace("CHUM-001,", "001,"))
    with pytest.raises(CohortError, match="`001` must be a centre and a number"):
        download.build()


def test_a_download_without_the_table_of_task_3_is_refused(download):
    (download.folder / TASK_3).unlink()
    with pytest.raises(CohortError, match=r"`HECKTOR_2025_Training_Task_3\.csv`"):
        download.build()


def rows_of_all_tasks(table):
    rows = [["PatientID", "Age", "Gender", "M-stage", "HPV Status", "Relapse", "RFS", "Task 1"]]
    for patient, known in table.fillna("").iterrows():
        sex = {"female": 0, "male": 1}[known["sex"]]
        facts = (known["age"], sex, known["m_stage"], known["hpv"], known["relapse"])
        rows.append([str(cell) for cell in (patient, *facts, f"{known['rfs_days']}.0", 1)])
    return rows


IN_ONE = ["ct", "age", "sex", "m_stage", "hpv", "relapse", "rfs_days", "centre"]


def test_the_release_in_one_folder_has_one_table_for_all_tasks(download, table):
    one = download.folder / ROOT / "Task 2" / "HECKTOR_2025_Training_EHR.csv"
    lines = [",".join(row) for row in rows_of_all_tasks(table)]
    one.write_text("\n".join([*lines, ""]), encoding="utf-8")
    built = download.build()
    assert built.sources == (one,)
    assert built.table[IN_ONE].equals(table[IN_ONE])
    assert built.table["tobacco"].isna().all()


@pytest.mark.parametrize("names", [["Data Dictionary", "Data"], ["Data", "Notes"], ["Sheet1"]])
def test_of_the_workbook_the_sheet_data_is_read_wherever_it_stands_or_else_the_first(
    download, table, names
):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name in names:
        sheet = book.create_sheet(name)
        holds_patients = name in ("Data", "Sheet1")
        for row in rows_of_all_tasks(table) if holds_patients else [["Column", "Meaning"]]:
            sheet.append(row)
    folder = download.folder / ROOT / "Task 2"
    one = folder / "HECKTOR_2025_Training_EHR_with_Data_Dictionary.xlsx"
    book.save(one)
    built = download.build()
    assert built.sources == (one,)
    assert built.table[IN_ONE].equals(table[IN_ONE])


def test_a_workbook_whose_first_sheet_is_no_table_of_patients_is_refused(download):
    book = openpyxl.Workbook()
    book.active.append(["Column", "Meaning"])
    book.active.append(["Age", "years"])
    book.save(download.folder / ROOT / "Task 2" / "HECKTOR_2025_Training_EHR.xlsx")
    with pytest.raises(CohortError, match=r"EHR\.xlsx: lacks columns `PatientID`, "):
        download.build()


def test_the_same_number_with_and_without_decimals_is_no_contradiction(table, download):
    age = table.loc["CHUM-002", "age"]
    download.change(TASK_3, lambda text: changed_cell(text, "CHUM-002", "Age", f"{age}.0"))
    assert not [note for note in download.build().notes if "differ between the tables" in note]
