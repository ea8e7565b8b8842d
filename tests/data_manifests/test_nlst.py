import csv
import io
import shutil

import numpy as np
import openpyxl
import pandas as pd
import pydicom
import pytest
import yaml
from mmfeat.data_manifests.nlst.outcomes import outcomes

from mmfeat.errors import CohortError, FeaturesError

from .downloads import copied, written

PEOPLE = "nlst_780/nlst_780_prsn_idc_20210527.csv"
TRAIN, TUNE = "nlst_train_with_labels.npz", "nlst_tune_with_labels.npz"
SOON, LATE, WELL = "900002", "900023", "900009"
"""A cancer 35 days after T0; one 675 days after it; none, with three screens."""


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    return written("nlst", tmp_path_factory.mktemp("nlst") / "download")


@pytest.fixture(scope="module")
def table(scans):
    return scans.table()


@pytest.fixture
def download(scans, tmp_path):
    return copied(scans, tmp_path / "download")


@pytest.fixture(scope="module")
def google(tmp_path_factory):
    return written("nlst", tmp_path_factory.mktemp("nlst") / "google", "embeddings")


@pytest.fixture
def archives(google, tmp_path):
    return copied(google, tmp_path / "google")


def _edit(download, who, **cells):
    """Change cells of a participant, or of all; a new column is added."""

    def changed(text):
        rows = list(csv.DictReader(io.StringIO(text)))
        for row in rows:
            row |= {name: row.get(name, "") for name in cells}
            if who in (None, row["pid"]):
                row |= cells
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return out.getvalue()

    download.change(PEOPLE, changed)


def _rekey(archives, change):
    """Write the archives with other keys, or other entries."""
    for name in (TRAIN, TUNE):
        file = archives.folder / name
        with np.load(file, allow_pickle=True) as archive:
            content = archive["arr_0"].item()
        file.unlink()
        np.savez(file, np.array(dict(change(*one) for one in content.items()), dtype=object))


@pytest.mark.parametrize(
    ("diagnosed", "followed", "one_year", "six_years", "days"),
    [
        (10, np.nan, 1, 1, 0),
        (374, np.nan, 1, 1, 364),
        (375, np.nan, 0, 1, 365),
        (10 + 2190, np.nan, 0, 0, 2190),
        (np.nan, 10 + 364, np.nan, np.nan, 364),
        (np.nan, 10 + 365, 0, np.nan, 365),
        (np.nan, 10 + 2190, 0, 0, 2190),
    ],
)
def test_labels_are_by_days_and_unknown_where_follow_up_ended_before(
    diagnosed, followed, one_year, six_years, days
):
    frame = pd.DataFrame({"screened": [10.0], "diagnosed": [diagnosed], "followed": [followed]})
    (row,) = outcomes(frame).labels.to_dict("records")
    assert row["lung_cancer_days"] == days
    assert row["lung_cancer"] == (not np.isnan(diagnosed))
    found = [row["cancer_1y"], row["cancer_6y"]]
    assert np.array_equal(found, [one_year, six_years], equal_nan=True)


def test_a_screen_is_a_case_and_its_participant_the_patient(table):
    assert list(table.query("patient_id == @WELL").index) == [
        f"{WELL}_T{year}" for year in (0, 1, 2)
    ]
    assert table.loc[f"{WELL}_T1", ["screen_day", "lung_cancer_days"]].tolist() == [370, 1990]


def test_screens_without_a_label_are_left_out_and_say_why(download):
    _edit(download, SOON, candx_days="3")
    _edit(download, LATE, scr_days0="")
    _edit(download, WELL, canc_free_days="100")
    built = download.build()
    assert built.left_out == {
        "the day of the screen is not known, or is after the diagnosis": (f"{LATE}_T0",),
        "lung cancer was diagnosed before the screen": (f"{SOON}_T0",),
        "no follow-up after the screen is known": (f"{WELL}_T1", f"{WELL}_T2"),
    }
    assert f"{WELL}_T0" in set(built.table["case_id"])


def test_follow_up_is_fup_days_where_the_release_has_it(download, scans):
    assert any("`canc_free_days`" in note for note in scans.build().notes)
    _edit(download, None, fup_days="2600")
    built = download.build()
    assert built.table.set_index("case_id").loc[f"{WELL}_T0", "lung_cancer_days"] == 2595
    assert not any("`canc_free_days`" in note for note in built.notes)


def test_nothing_of_this_screen_or_later_is_among_the_inputs(scans, download):
    settings = yaml.safe_load(scans.build().settings["mmfeat.yaml"])
    inputs = set(settings["modalities"]["record"]["columns"])
    assert inputs == {
        *("age_at_screen", "sex", "race", "smoking", "screen", "previous_result"),
    }
    before = scans.table()[sorted(inputs)]
    _edit(download, None, scr_res2="6", scr_iso0="4", scr_iso1="4", scr_iso2="4", can_scr="4")
    assert download.table()[sorted(inputs)].equals(before)


def test_the_result_of_the_year_before_is_an_input(table, download):
    of_three = [f"{WELL}_T{year}" for year in (0, 1, 2)]
    assert table.loc[of_three, "previous_result"].tolist() == ["first-screen", *["negative"] * 2]
    _edit(download, WELL, scr_res0="10", scr_res1="4")
    found = download.table().loc[of_three, "previous_result"].tolist()
    assert found == ["first-screen", "inadequate", "positive"]


def test_the_full_release_adds_what_was_asked_at_randomisation(download):
    cells = {"weight": "154", "height": "68", "pkyr": "45", "smokeyr": "40", "age_quit": "60"}
    _edit(download, None, **cells, famfather="1", fammother="0", educat="8", age="70")
    _edit(download, WELL, famfather="0", cigsmok="0")
    built = download.build()
    table = built.table.set_index("case_id")
    assert table.loc[f"{WELL}_T1", ["bmi", "pack_years"]].tolist() == [23.4, 45]
    assert table.loc[f"{WELL}_T1", "years_since_quitting"] == 11.0
    assert pd.isna(table.loc[f"{WELL}_T1", "family_lung_cancer"])  # not asked of all relatives
    assert table.loc[f"{LATE}_T0", "family_lung_cancer"] == "1"
    columns = yaml.safe_load(built.settings["mmfeat.yaml"])["modalities"]["record"]["columns"]
    assert {"bmi", "pack_years", "years_since_quitting", "family_lung_cancer"} <= set(columns)
    assert "education" not in columns


def test_the_series_with_the_most_images_is_taken_and_soft_tissue_before_lungs(scans, download):
    built = scans.build()
    paths = built.table.set_index("case_id")["ct"]
    assert paths[f"{SOON}_T0"].endswith("2.000000-STANDARD")
    assert any(note.startswith("49 series of 48 screens") for note in built.notes)
    thick = paths[f"{SOON}_T0"].replace("/2.", "/3.")
    download.change(
        "metadata.csv",
        lambda text: text.replace(",STANDARD,336,9,", ",BONE,336,9,").replace(",CT,12,", ",CT,24,"),
    )
    assert download.build().table.set_index("case_id").loc[f"{SOON}_T0", "ct"] == thick


def test_a_download_without_a_list_of_series_is_read_by_its_headers(download, table):
    (download.folder / "metadata.csv").unlink()
    found = download.table()
    same = ["ct", "study_yr", "series_uid", "n_images", "ConvolutionKernel", "cancer_1y"]
    assert found[same].astype(str).equals(table[same].astype(str))


def test_a_segmentation_is_no_scan_however_many_images_it_has(scans, download):
    thin = scans.table().loc[f"{SOON}_T0", "series_uid"]
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


def _rewrite(download, series, change):
    file = download.folder / series / "1-001.dcm"
    header = pydicom.dcmread(file)
    for keyword, value in change.items():
        setattr(header, keyword, value)
    file.unlink()
    header.save_as(file)


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


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"gender": "3"}, "row 2, column `gender`: `3` is none of the codes"),
        ({"scr_res1": "12"}, "row 2, column `scr_res1`: `12` is none of the codes"),
        ({"candx_days": "soon"}, "row 2, column `candx_days`: `soon` is no number"),
        ({"pid": WELL}, f"column `pid`: `{WELL}` stands in an earlier row already"),
    ],
)
def test_wrong_cells_are_refused_with_their_row(download, cells, message):
    _edit(download, SOON, **cells)
    with pytest.raises(CohortError, match=message):
        download.build()


def test_saswords_for_unknown_are_unknown(download, table):
    _edit(download, WELL, candx_days=".N", scr_days2=".W")
    found = download.table()
    assert found.loc[f"{WELL}_T0", "lung_cancer"] == 0
    assert f"{WELL}_T2" not in found.index


def test_a_release_without_any_end_of_follow_up_is_refused(download):
    download.change(PEOPLE, lambda text: text.replace("canc_free_days", "other", 1))
    with pytest.raises(CohortError, match="neither `fup_days` nor `canc_free_days`"):
        download.build()


def test_embeddings_are_cases_by_their_keys(google):
    built = google.build()
    assert list(built.settings) == ["embeddings.yaml", "paper.yaml"]
    vectors = built.extra_tables["embeddings.parquet"]
    assert vectors["case_id"].tolist() == built.table["case_id"].tolist()
    assert vectors.shape == (48, 33)
    with np.load(google.folder / TRAIN, allow_pickle=True) as archive:
        content = archive["arr_0"].item()
    key = f"nlst/{WELL}/T1"
    stored = vectors.set_index("case_id").loc[key].to_numpy(np.float32)
    assert np.array_equal(stored, content[key]["embedding"])
    assert built.table.set_index("case_id").loc[key, "lung_cancer_days"] == 1990


def test_the_archive_for_tuning_is_the_test_part(google):
    table = google.table()
    assert set(table.loc[table["archive"] == "tune", "split"]) == {"test"}
    assert set(table.loc[table["archive"] == "train", "split"]) == {"train", "val"}


def test_a_participant_of_both_archives_is_not_trained_on(archives):
    with np.load(archives.folder / TUNE, allow_pickle=True) as archive:
        tested = next(iter(archive["arr_0"].item())).split("/")[1]
    _rekey(archives, lambda key, one: (key.replace(WELL, tested) + "-again" * (WELL in key), one))
    built = archives.build()
    (keys,) = [ids for why, ids in built.left_out.items() if "for tuning, too" in why]
    assert len(keys) == 3
    assert (built.table.groupby("patient_id")["split"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("form", "is_dated"),
    [("x/{pid}/20000102/3", True), ("x/{pid}/{uid}", True), ("x/{pid}/{uid}.4", False)],
)
def test_the_screen_is_known_by_a_date_or_a_listed_series_in_the_key(archives, form, is_dated):
    uids = {}

    def renamed(key, one):
        _, pid, screen = key.split("/")
        uid = f"1.2.{pid}.{screen[1]}"
        uids[uid] = f"01-02-{1999 + int(screen[1])}"
        return form.format(pid=pid, uid=uid) + (f"/{screen}x" if "2000" in form else ""), one

    _rekey(archives, renamed)
    rows = [f"{uid},{day}" for uid, day in uids.items()]
    listed = "\n".join(["Series UID,Study Date", *rows])
    (archives.folder / "metadata.csv").write_text(listed + "\n")
    built = archives.build()
    settings = yaml.safe_load(built.settings["embeddings.yaml"])
    by_days = {"cancer_1y", "lung_cancer"} if is_dated else set()
    assert set(settings["cohort"]["targets"]) == {"cancer_in_1", "cancer_in_2", *by_days}
    age = "age_at_screen" if is_dated else "age_at_randomisation"
    assert age in settings["modalities"]["record"]["columns"]
    assert any("tell which screen" in note for note in built.notes) != is_dated


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda key, one: (key.replace("/", "-"), one), "no participant in its second part"),
        (lambda key, one: (key, {**one, "cancer_in_1": 2}), "`cancer_in_1` is 2, and 0 or 1"),
        (lambda key, one: (key, one["embedding"]), "no dictionary from keys to embeddings"),
    ],
)
def test_archives_of_another_form_are_refused(archives, change, message):
    _rekey(archives, change)
    with pytest.raises(CohortError, match=message):
        archives.build()


def test_a_pickle_that_would_run_something_is_not_run(archives):
    (archives.folder / TUNE).unlink()
    np.savez(archives.folder / TUNE, np.array({"x/1/T0": print}, dtype=object))
    with pytest.raises(FeaturesError, match=r"names `builtins\.print`"):
        archives.build()


def test_downloads_without_scans_or_archives_are_refused(archives, download):
    with pytest.raises(CohortError, match=r"no folder with \.dcm files"):
        archives.build("dicom")
    with pytest.raises(CohortError, match="none of Google's archives"):
        download.build("embeddings")
