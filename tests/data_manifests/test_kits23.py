"""KiTS23: labels by the KNIGHT challenge, and nothing of after surgery among the inputs."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mmfeat.data_manifests.kits23.cohort import COHORT

from mmfeat.errors import CohortError

FOLDER = Path(__file__).resolve().parents[2] / "data_manifests" / "kits23"
KNOWN_LATER = ("pathologic", "stage", "surgery", "surgical", "hospital", "ischemia", "postop")


@pytest.fixture(scope="module")
def download(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("kits23")
    COHORT.write_sample(folder, "scan")
    return folder


def _records(download: Path) -> pd.DataFrame:
    records = json.loads((download / "dataset" / "kits23.json").read_text())
    return pd.DataFrame(records).set_index("case_id")


def test_candidates_for_adjuvant_therapy_are_the_two_high_risks(download):
    table = COHORT.build(download, "scan").table.set_index("case_id")
    risk = _records(download)["aua_risk_score"]
    assert (table["aua_risk"] == risk).all()
    high = risk.isin(["high_risk", "very_high_risk"])
    assert (table["adjuvant_candidate"] == high.map({True: "1", False: "0"})).all()


def test_a_tumour_that_is_not_graded_has_no_grade(download):
    table = COHORT.build(download, "scan").table.set_index("case_id")
    grade = _records(download)["tumor_isup_grade"]
    expected = grade.map({"1": "0", "2": "0", "3": "1", "4": "1", "na": None})
    assert table["high_grade"].fillna("").tolist() == expected.fillna("").tolist()


def test_nothing_of_after_surgery_is_an_input_in_any_settings():
    contents = [
        yaml.safe_load((FOLDER / name).read_text()) for name in ("mmfeat.yaml", "fmcib.yaml")
    ]
    one, other = contents
    assert one["cohort"] == other["cohort"]
    assert one["modalities"]["clinical"] == other["modalities"]["clinical"]
    columns = one["modalities"]["clinical"]["columns"]
    assert not [name for name in columns if any(word in name for word in KNOWN_LATER)]
    assert not {"localized_solid_tumor", "metastatic_solid_tumor"} & set(columns)


def test_a_case_without_scan_or_segmentation_is_left_out_by_name(download):
    case = download / "dataset" / "case_00003"
    (case / "imaging.nii.gz").rename(case / "elsewhere")
    other = download / "dataset" / "case_00004" / "segmentation.nii.gz"
    other.rename(other.with_name("hidden"))
    try:
        scan, tumour = COHORT.build(download, "scan"), COHORT.build(download, "tumour")
    finally:
        (case / "elsewhere").rename(case / "imaging.nii.gz")
        other.with_name("hidden").rename(other)
    assert scan.left_out == {"its scan is not in the folder": ("case_00003",)}
    assert tumour.left_out["its segmentation is not in the folder"] == ("case_00004",)
    assert len(tumour.table) == len(scan.table) - 1


def test_the_clinical_file_alone_is_no_download(download, tmp_path):
    file = tmp_path / "kits23.json"
    file.write_bytes((download / "dataset" / "kits23.json").read_bytes())
    with pytest.raises(CohortError, match=r"holds no scan of the 30 cases.*kits23_download_data"):
        COHORT.build(tmp_path, "scan")
