import numpy as np
import pandas as pd
import pytest
import yaml

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.writing import write_built
from mmfeat.volumes import read_volume
from mmfeat.volumes.rules import ReadingRules

from .downloads import written

WAY = ("radfusion", None)
TWICE = "7"
CLOTS = "ICD DISEASES OF PULMONARY CIRCULATION:presence"


def _columns(text):
    return yaml.safe_load(text)["modalities"]["record"]["columns"]


def test_all_columns_of_all_tables_are_in_the_record_under_the_tables_name(built):
    columns = _columns(built.settings["mmfeat.yaml"])
    for name in ("ICD NEOPLASMS, BENIGN:frequency", "OUT_MED LOCAL ANESTHETICS:Frequeny"):
        assert name in columns
        assert pd.api.types.is_numeric_dtype(built.table[name])
    assert {"age", "sex", "LABS d-dimer:Value", "Vitals spO2", "Demographics SMOKER_Y"} <= set(
        columns
    )


def test_clots_and_drugs_against_them_are_inputs_of_the_papers_settings_alone(built, tmp_path):
    features = written("radfusion", tmp_path / "features", "features").build()
    for text in (built.settings["mmfeat.yaml"], features.settings["features.yaml"]):
        columns = _columns(text)
        assert not [name for name in columns if "PULMONARY CIRC" in name or "ANTICOAG" in name]
        assert f'# may be the answer: "{CLOTS}"' in text
    assert CLOTS in built.table
    assert CLOTS in _columns(features.settings["paper.yaml"])
    assert "pe_type" not in _columns(features.settings["paper.yaml"])


def test_who_has_two_records_that_differ_has_none_and_one_case(built):
    rows = built.table.set_index("case_id")
    assert rows.index.is_unique
    record = rows.loc[TWICE, [name for name in rows if name.startswith(("ICD", "LABS"))]]
    assert record.isna().all()
    assert any("1 patients have several records that differ" in note for note in built.notes)


def test_whose_labels_differ_is_left_out(download):
    download.change("Labels.csv", lambda text: text.replace("36,7,0,,", "36,7,1,central,"))
    again = download.build()
    ids = again.left_out["Labels.csv has several rows for the patient, and they differ"]
    assert ids == (TWICE,)
    assert TWICE not in set(again.table["case_id"])


def test_columns_with_one_value_are_left_out_and_counted(download):
    download.change("Vitals.csv", _ones)
    again = download.build()
    assert "Vitals spO2" not in again.table
    assert "Vitals spO2" not in _columns(again.settings["mmfeat.yaml"])
    assert any("; 1 have one value" in note for note in again.notes)


def _ones(text):
    header, *rows = (line.split(",") for line in text.splitlines())
    place = header.index("spO2")
    changed = [[*row[:place], "98", *row[place + 1 :]] for row in rows]
    return "\n".join(",".join(row) for row in [header, *changed])


def test_a_scan_is_read_in_place_by_a_header_and_a_link(sample, built, tmp_path):
    output = tmp_path / "made"
    write_built(built, {}, download=sample.folder, output=output)
    assert (output / "scans" / "4.npy").is_symlink()
    volume = read_volume(output / built.table.set_index("case_id").loc["4", "ct"], ReadingRules())
    stored = np.load(sample.folder / "1" / "4.npy")
    assert np.array_equal(volume.hu, stored)
    steps = volume.affine[:3, :3]  # a column for slices, rows and columns; RAS+
    assert np.allclose(steps, [[0, 0, -10.5], [0, -10.5, 0], [9, 0, 0]])


def test_a_row_of_its_own_says_another_size_and_direction(download):
    rows = "idx,slice_mm,row_mm,column_mm,first_slice\n*,9,10.5,10.5,feet\n4,2.5,0.7,0.8,head\n"
    download.change("geometry.csv", lambda _: rows)
    header = download.build().texts["scans/4.mhd"]
    assert "ElementSpacing = 0.8 0.7 2.5\n" in header
    assert "TransformMatrix = 1 0 0 0 1 0 0 0 -1\n" in header
    assert "HeaderSize = 128\n" in header


def test_torn_arrays_and_scans_without_a_size_are_left_out(download):
    (download.folder / "1" / "4.npy").unlink()
    (download.folder / "1" / "4.npy").write_bytes(b"\x93NUMPY")
    download.change("geometry.csv", lambda text: text.replace("*,", "5,"))
    again = download.build()
    assert len(again.left_out["geometry.csv has no row for the scan"]) == 35
    download.change("geometry.csv", lambda text: text.replace("5,", "*,", 1))
    (reason,) = [why for why, ids in download.build().left_out.items() if ids == ("4",)]
    assert reason.startswith("the array of the scan is torn")
    assert pd.isna(download.table().loc["4", "ct"])


def test_an_array_that_is_there_twice_is_refused(download):
    (download.folder / "2" / "4.npy").write_bytes(b"")
    with pytest.raises(CohortError, match=r"1/4\.npy: is there a second time, as .*2/4\.npy; keep"):
        download.build()


def test_without_a_voxel_size_nothing_is_guessed(download):
    (download.folder / "geometry.csv").unlink()
    with pytest.raises(CohortError, match=r"holds no geometry\.csv, and RadFusion's arrays carry"):
        download.build()


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("geometry.csv", "feet", "up", "column `first_slice`: `up` is none of the codes"),
        ("Labels.csv", ",central,", ",left,", "column `pe_type`: `left` is none of central"),
        ("Labels.csv", "label", "lable", "lacks column `label`; did you mean `lable`"),
        ("LABS.csv", "0,", "0,high,", "row 2 has"),
        ("Demographics.csv", "current_age_yrs", "age", "lacks column `current_age_yrs`"),
    ],
)
def test_other_tables_than_expected_are_refused(download, name, old, new, message):
    download.change(name, lambda text: text.replace(old, new, 1))
    with pytest.raises(CohortError, match=message):
        download.build()


def test_vitals_may_lack(download):
    (download.folder / "Vitals.csv").unlink()
    assert not [name for name in download.build().table if name.startswith("Vitals")]


def test_embeddings_are_those_of_the_patients_and_others_are_refused(tmp_path):
    features = written("radfusion", tmp_path / "features", "features")
    again = features.build()
    vectors = again.extra_tables["embeddings.parquet"]
    assert vectors.shape == (36, 25)
    assert set(vectors["case_id"]) == set(again.table["case_id"])
    (features.folder / "features.npz").unlink()
    np.savez(
        features.folder / "features.npz",
        case_id=np.array(["a"]),
        feature=np.ones((1, 3), np.float32),
    )
    with pytest.raises(CohortError, match="none of its 1 ids"):
        features.build()
