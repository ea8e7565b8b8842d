import csv
import io
import shutil

import numpy as np
import openpyxl
import pandas as pd
import pydicom
import pytest
import yaml

from mmfeat.errors import CohortError

from .nlst_downloads import LATE, SOON, WELL, edit

WAY = ("nlst", "dicom")


def _rewrite(download, series, change):
    file = download.folder / series / "1-001.dcm"
    header = pydicom.dcmread(file)
    for keyword, value in change.items():
        setattr(header, keyword, value)
    file.unlink()
    header.save_as(file)


def test_a_screen_is_a_case_and_its_participant_the_patient(table):
    assert list(table.query("patient_id == @WELL").index) == [
        f"{WELL}_T{year}" for year in (0, 1, 2)
    ]
    assert table.loc[f"{WELL}_T1", ["screen_day", "lung_cancer_days"]].tolist() == [370, 1990]


def test_screens_without_a_label_are_left_out_and_say_why(download):
    edit(download, SOON, candx_days="3")
    edit(download, LATE, scr_days0="")
    edit(download, WELL, canc_free_days="100")
    built = download.build()
    assert built.left_out == {
        "the day of the screen is not known, or is after the diagnosis": (f"{LATE}_T0",),
        "lung cancer was diagnosed before the screen": (f"{SOON}_T0",),
        "no follow-up after the screen is known": (f"{WELL}_T1", f"{WELL}_T2"),
    }
    assert f"{WELL}_T0" in set(built.table["case_id"])


def test_follow_up_is_fup_days_where_the_release_has_it(download, built):
    assert any("`canc_free_days`" in note for note in built.notes)
    edit(download, None, fup_days="2600")
    changed = download.build()
    assert changed.table.set_index("case_id").loc[f"{WELL}_T0", "lung_cancer_days"] == 2595
    assert not any("`canc_free_days`" in note for note in changed.notes)


def test_nothing_of_this_screen_or_later_is_among_the_inputs(built, table, download):
    settings = yaml.safe_load(built.settings["mmfeat.yaml"])
    inputs = set(settings["modalities"]["record"]["columns"])
    assert inputs == {
        *("age_at_screen", "sex", "race", "smoking", "screen", "previous_result"),
    }
    before = table[sorted(inputs)]
    edit(download, None, scr_res2="6", scr_iso0="4", scr_iso1="4", scr_iso2="4", can_scr="4")
    assert download.table()[sorted(inputs)].equals(before)


def test_the_result_of_the_year_before_is_an_input(table, download):
    of_three = [f"{WELL}_T{year}" for year in (0, 1, 2)]
    assert table.loc[of_three, "previous_result"].tolist() == ["first-screen", *["negative"] * 2]
    edit(download, WELL, scr_res0="10", scr_res1="4")
    found = download.table().loc[of_three, "previous_result"].tolist()
    assert found == ["first-screen", "inadequate", "positive"]


def test_the_full_release_adds_what_was_asked_at_randomisation(download):
    cells = {"weight": "154", "height": "68", "pkyr": "45", "smokeyr": "40", "age_quit": "60"}
    edit(download, None, **cells, famfather="1", fammother="0", educat="8", age="70")
    edit(download, WELL, famfather="0", cigsmok="0")
    built = download.build()
    table = built.table.set_index("case_id")
    assert table.loc[f"{WELL}_T1", ["bmi", "pack_years"]].tolist() == [23.4, 45]
    assert table.loc[f"{WELL}_T1", "years_since_quitting"] == 11.0
    assert pd.isna(table.loc[f"{WELL}_T1", "family_lung_cancer"])  # not asked of all relatives
    assert table.loc[f"{LATE}_T0", "family_lung_cancer"] == "1"
    columns = yaml.safe_load(built.settings["mmfeat.yaml"])["modalities"]["record"]["columns"]
    assert {"bmi", "pack_years", "years_since_quitting", "family_lung_cancer"} <= set(columns)
    assert "education" not in columns


def test_the_series_with_the_most_images_is_taken_and_soft_tissue_before_lungs(
    built, table, download
):
    paths = table["ct"]
    assert paths[f"{SOON}_T0"].endswith("2.000000-STANDARD")
    assert any(note.startswith("49 series of 48 screens") for note in built.notes)
    thick = paths[f"{SOON}_T0"].replace("/2.", "/3.")
    download.change(
        "metadata.csv",
        lambda text: text.replace(",STANDARD,336,9,", ",BONE,336,9,").replace(",CT,12,", ",CT,24,"),
    )
    assert download.table().loc[f"{SOON}_T0", "ct"] == thick


def test_a_download_without_a_list_of_series_is_read_by_its_headers(download, table):
    (download.folder / "metadata.csv").unlink()
    found = download.table()
    same = ["ct", "study_yr", "series_uid", "n_images", "ConvolutionKernel", "cancer_1y"]
    assert found[same].astype(str).equals(table[same].astype(str))


def test_a_segmentation_is_no_scan_however_many_images_it_has(table, download):
    thin = table.loc[f"{SOON}_T0", "series_uid"]
    lists = csv.DictReader(io.StringIO((download.folder / "metadata.csv").read_text()))
    (line,) = [one for one in lists if one["Series UID"] == thin]
    number = line["Number of Images"]
    download.change(
        "metadata.csv", lambda text: text.replace(f",CT,{number},", f",SEG,{number},", 1)
    )
    assert download.table().loc[f"{SOON}_T0", "series_uid"] != thin


def test_scans_may_lie_on_another_disk_behind_a_link(download, table, tmp_path):
    (download.folder / "metadata.csv").unlink()
    (download.folder / "NLST").rename(tmp_path / "elsewhere")
    (download.folder / "NLST").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert download.table()["ct"].equals(table["ct"])


def test_series_that_are_not_there_or_of_no_screen_are_left_out(download, table):
    shutil.rmtree(download.folder / table.loc[f"{LATE}_T0", "ct"])
    download.change("metadata.csv", lambda text: text.replace("01-02-2001,", "01-02-2003,"))
    left_out = download.build().left_out
    gone = left_out["series: its folder is not there, or holds no .dcm file"]
    assert gone == (table.loc[f"{LATE}_T0", "ct"],)
    assert len(left_out["the year of the series is none of the three screens"]) == 3


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]},
        {"ImageType": ["DERIVED", "SECONDARY", "MIP"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
    ],
    ids=["coronal", "mip", "localiser"],
)
def test_what_is_no_axial_scan_is_not_taken_however_many_images_it_has(
    download, table, change, listed
):
    thin = table.loc[f"{SOON}_T0", "ct"]
    _rewrite(download, thin, change)
    _rewrite(download, table.loc[f"{WELL}_T1", "ct"], change)
    if not listed:
        (download.folder / "metadata.csv").unlink()
    built = download.build()
    assert built.table.set_index("case_id").loc[f"{SOON}_T0", "ct"] == thin.replace("/2.", "/3.")
    assert built.left_out == {
        "no axial series of the screen is there that has 10 images or more": (f"{WELL}_T1",)
    }


@pytest.mark.parametrize("listed", [True, False])
def test_a_damaged_series_is_left_out_by_name_and_another_of_the_screen_taken(
    download, table, listed
):
    thin = table.loc[f"{SOON}_T0", "ct"]
    file = download.folder / thin / "1-001.dcm"
    file.unlink()
    file.write_bytes(b"no DICOM at all" * 20)
    if not listed:
        (download.folder / "metadata.csv").unlink()
    built = download.build()
    assert len(built.table) == len(table)
    assert built.table.set_index("case_id").loc[f"{SOON}_T0", "ct"] == thin.replace("/2.", "/3.")
    assert built.left_out == {"series: this file of it is no DICOM file": (f"{thin}/1-001.dcm",)}


def test_a_list_of_which_no_series_can_be_read_is_refused(download):
    shutil.rmtree(download.folder / "NLST")
    with pytest.raises(
        CohortError, match=r"none of its 49 series is a CT of a screen \(series: its folder is not"
    ):
        download.build()


@pytest.mark.parametrize("place", ["/etc", r"..\other", r"C:\scans"])
def test_a_list_that_leads_out_of_the_download_is_refused(download, place):
    download.change("metadata.csv", lambda text: text.replace(rf"NLST\{SOON}", place, 1))
    with pytest.raises(
        CohortError, match=r"column `File Location`: .* is no folder below the list"
    ):
        download.build()


def test_sybils_list_divides_and_leaves_others_out(download, table):
    assert table.groupby("split")["patient_id"].nunique().to_dict() == {
        **{"train": 18, "val": 6, "test": 6}
    }
    download.change("sybil_split.csv", lambda text: text.replace(f"{WELL},train\n", ""))
    built = download.build()
    (left_out,) = built.left_out.items()
    assert left_out == (
        "the participant is not in the list of the official split",
        tuple(f"{WELL}_T{year}" for year in (0, 1, 2)),
    )


def test_googles_list_names_the_test_part_alone(download):
    (download.folder / "sybil_split.csv").unlink()
    book = openpyxl.Workbook()
    for row in (["patient_id", "year"], [int(LATE), 0], [int(SOON), 0]):
        book.active.append(row)
    book.save(download.folder / "41591_2019_447_MOESM5_ESM.xlsx")
    parts = download.table().groupby("split")["patient_id"].unique()
    assert set(parts["test"]) == {SOON, LATE}
    assert len(parts["val"]) == 6


def test_without_a_list_there_are_folds(download):
    (download.folder / "sybil_split.csv").unlink()
    built = download.build()
    assert "split" not in built.table
    settings = yaml.safe_load(built.settings["mmfeat.yaml"])
    assert settings["cohort"]["split"] == {"folds": 5}


def test_readings_stand_in_the_table_and_are_zero_where_nothing_was_noted(download, table):
    assert table.loc[f"{SOON}_T0", ["read_nodules", "read_largest_nodule_mm"]].tolist() == [1, 6]
    abnormalities = "nlst_780/nlst_780_ctab_idc_20210527.csv"
    download.change(
        abnormalities,
        lambda text: "".join(line for line in text.splitlines(True) if not line.startswith(SOON)),
    )
    found = download.table().loc[f"{SOON}_T0"]
    assert found["read_nodules"] == 0
    assert np.isnan(found["read_largest_nodule_mm"])


def test_saswords_for_unknown_are_unknown(download, table):
    edit(download, WELL, candx_days=".N", scr_days2=".W")
    found = download.table()
    assert found.loc[f"{WELL}_T0", "lung_cancer"] == 0
    assert f"{WELL}_T2" not in found.index


def test_a_download_without_archives_has_no_embeddings(download):
    with pytest.raises(CohortError, match="none of Google's archives"):
        download.build("embeddings")
