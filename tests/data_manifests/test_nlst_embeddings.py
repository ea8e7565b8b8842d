import numpy as np
import pytest
import yaml

from mmfeat.errors import CohortError, FeaturesError

from .nlst_downloads import TRAIN, TUNE, WELL, rekey

WAY = ("nlst", "embeddings")


def test_embeddings_are_cases_by_their_keys(sample, built):
    assert list(built.settings) == ["embeddings.yaml", "paper.yaml"]
    vectors = built.extra_tables["embeddings.parquet"]
    assert vectors["case_id"].tolist() == built.table["case_id"].tolist()
    assert vectors.shape == (48, 33)
    with np.load(sample.folder / TRAIN, allow_pickle=True) as archive:
        content = archive["arr_0"].item()
    key = f"nlst/{WELL}/T1"
    stored = vectors.set_index("case_id").loc[key].to_numpy(np.float32)
    assert np.array_equal(stored, content[key]["embedding"])
    assert built.table.set_index("case_id").loc[key, "lung_cancer_days"] == 1990


def test_the_archive_for_tuning_is_the_test_part(table):
    assert set(table.loc[table["archive"] == "tune", "split"]) == {"test"}
    assert set(table.loc[table["archive"] == "train", "split"]) == {"train", "val"}


def test_a_participant_of_both_archives_is_not_trained_on(download):
    with np.load(download.folder / TUNE, allow_pickle=True) as archive:
        tested = next(iter(archive["arr_0"].item())).split("/")[1]
    rekey(download, lambda key, one: (key.replace(WELL, tested) + "-again" * (WELL in key), one))
    built = download.build()
    (keys,) = [ids for why, ids in built.left_out.items() if "for tuning, too" in why]
    assert len(keys) == 3
    assert (built.table.groupby("patient_id")["split"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("form", "is_dated"),
    [("x/{pid}/20000102/3", True), ("x/{pid}/{uid}", True), ("x/{pid}/{uid}.4", False)],
)
def test_the_screen_is_known_by_a_date_or_a_listed_series_in_the_key(download, form, is_dated):
    uids = {}

    def renamed(key, one):
        _, pid, screen = key.split("/")
        uid = f"1.2.{pid}.{screen[1]}"
        uids[uid] = f"01-02-{1999 + int(screen[1])}"
        return form.format(pid=pid, uid=uid) + (f"/{screen}x" if "2000" in form else ""), one

    rekey(download, renamed)
    rows = [f"{uid},{day}" for uid, day in uids.items()]
    listed = "\n".join(["Series UID,Study Date", *rows])
    (download.folder / "metadata.csv").write_text(listed + "\n")
    built = download.build()
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
def test_archives_of_another_form_are_refused(download, change, message):
    rekey(download, change)
    with pytest.raises(CohortError, match=message):
        download.build()


def test_a_pickle_that_would_run_something_is_not_run(download):
    (download.folder / TUNE).unlink()
    np.savez(download.folder / TUNE, np.array({"x/1/T0": print}, dtype=object))
    with pytest.raises(FeaturesError, match=r"names `builtins\.print`"):
        download.build()


def test_a_download_without_scans_has_no_series(download):
    with pytest.raises(CohortError, match=r"no folder with \.dcm files"):
        download.build("dicom")
