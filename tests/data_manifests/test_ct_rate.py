import shutil

import pandas as pd
import pytest
from mmfeat.data_manifests.ct_rate.scan_files import OTHER_BODY

from mmfeat.errors import CohortError

WAY = ("ct-rate", None)
LABELS = "dataset/multi_abnormality_labels/train_predicted_labels.csv"
METADATA = "dataset/metadata/train_metadata.csv"


def scans_of(built):
    return built.extra_tables["scans.csv"]


def test_a_case_is_a_scan_with_a_row_for_each_reconstruction(built):
    paths = scans_of(built).set_index("case_id")["path"]
    assert list(paths["train_4_a"]) == [
        f"dataset/train_fixed/train_4/train_4_a/train_4_a_{number}.nii.gz" for number in (1, 2)
    ]
    assert set(paths.index) == set(built.table["case_id"])
    patients = built.table.set_index("case_id")["patient_id"]
    assert patients["train_9_a"] == patients["train_9_b"] == "train_9"


def test_the_variant_takes_the_first_reconstruction_of_the_same_scans(sample, built):
    every, first = built, sample.build("first-reconstruction")
    pd.testing.assert_frame_equal(first.table, every.table)
    scans = scans_of(first)
    assert scans["case_id"].is_unique
    assert scans["path"].str.endswith("_1.nii.gz").all()
    assert len(scans_of(every)) > len(scans)


def test_the_official_validation_part_is_the_test_part(table):
    valid = table["patient_id"].str.startswith("valid_")
    assert set(table.loc[valid, "split"]) == {"test"}
    assert set(table.loc[~valid, "split"]) == {"train", "val"}


def test_no_word_of_what_was_found_is_in_the_tables(built):
    columns = {*built.table.columns, *scans_of(built).columns}
    assert not [
        name for name in columns if "report" in name.lower() or "impression" in name.lower()
    ]
    assert "Findings_EN" not in columns
    texts = built.table["indication"].dropna()
    assert set(texts) <= {"Cough and fever.", "Shortness of breath.", "Control of a nodule."}


def test_volumes_on_the_list_of_other_bodies_are_left_out_and_named(built):
    assert built.left_out == {"not of the chest, by the publishers' list": ("train_1_a_1.nii.gz",)}
    assert "train_1_a" not in set(built.table["case_id"])


def test_without_that_list_nothing_is_left_out_and_a_note_says_so(download):
    (download.folder / "dataset/metadata/no_chest_train.txt").unlink()
    built = download.build()
    assert "train_1_a" in set(built.table["case_id"])
    assert any(note.startswith("no_chest_train.txt is not there") for note in built.notes)


def test_volumes_that_are_not_downloaded_are_left_out_and_named(download):
    shutil.rmtree(download.folder / "dataset/train_fixed/train_4")
    built = download.build()
    assert built.left_out["the volume is not in the folder"] == (
        "train_4_a_1.nii.gz",
        "train_4_a_2.nii.gz",
    )


def test_scans_whose_reconstructions_have_different_labels_are_left_out(download):
    def change(text):
        row = next(line for line in text.splitlines() if line.startswith("train_4_a_2"))
        name, first, rest = row.split(",", 2)
        return text.replace(row, f"{name},{1 - int(first)},{rest}")

    download.change(LABELS, change)
    built = download.build()
    reason = "reconstructions of the scan have different labels"
    assert built.left_out[reason] == ("train_4_a",)
    assert "train_4_a" not in set(built.table["case_id"])


def test_an_age_that_differs_between_reconstructions_is_empty_and_counted(download):
    def change(text):
        row = next(line for line in text.splitlines() if line.startswith("train_4_a_2"))
        cells = row.split(",")
        cells[3] = "101Y"
        return text.replace(row, ",".join(cells))

    download.change(METADATA, change)
    built = download.build()
    assert built.table.set_index("case_id")["age"].isna()["train_4_a"]
    assert "`age` differs within 1 scans and is empty there" in built.notes


def test_a_volume_without_labels_is_kept_and_one_without_metadata_is_counted(download):
    download.change(LABELS, lambda text: text.replace("train_2_a_1", "train_999_a_1"))
    built = download.build()
    assert built.table.set_index("case_id").loc["train_2_a", ["Emphysema"]].isna().all()
    assert any("1 volumes of train have labels and no metadata" in note for note in built.notes)


def test_the_volumes_of_the_first_release_are_refused_for_their_units(download):
    for split in ("train", "valid"):
        (download.folder / f"dataset/{split}_fixed").rename(download.folder / f"dataset/{split}")
    with pytest.raises(CohortError, match="first release, whose files lack spacing"):
        download.build()


def test_a_download_without_volumes_of_the_test_part_is_refused(download):
    shutil.rmtree(download.folder / "dataset/valid_fixed")
    with pytest.raises(CohortError, match="no volume of valid_fixed/ is there"):
        download.build()


def test_tables_and_volumes_may_lie_in_the_folder_itself(table, download):
    inner = type(download)("ct-rate", "scans", download.folder / "dataset")
    assert set(inner.table().index) == set(table.index)


@pytest.mark.parametrize("name", ["train_0_a_1.nii.gz", "train_2_A_1.nii.gz", "valid_2_a_1.nii.gz"])
def test_a_name_that_is_not_of_a_volume_of_the_part_is_refused(download, name):
    download.change(METADATA, lambda text: text.replace("train_2_a_1.nii.gz", name))
    with pytest.raises(CohortError, match=f"`{name}` must be the name of a volume, such as train"):
        download.build()


def test_a_list_of_other_bodies_is_read_however_it_names_volumes_and_refused_otherwise(download):
    name = "dataset/metadata/no_chest_valid.txt"
    inside = "valid_fixed/valid_2/valid_2_a/valid_2_a_1.nii.gz"
    download.change(name, lambda _: f"valid_1_a_1.nii.gz\n\n{inside}\nvalid_3_a_1\n")
    left_out = download.build().left_out[OTHER_BODY]
    assert {f"valid_{number}_a_1.nii.gz" for number in (1, 2, 3)} <= set(left_out)
    download.change(name, lambda _: "\ntrain_1_a_1.nii.gz\n")
    with pytest.raises(CohortError, match=r"no_chest_valid\.txt: line 2: `train_1_a_1\.nii\.gz`"):
        download.build()
