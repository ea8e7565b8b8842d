"""The table, settings and list of a selection of series."""

import json

import pandas as pd
import pytest
import yaml

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError, ConfigError
from mmfeat.public_cohorts.idc.collections import COMMONS_CITATION
from mmfeat.public_cohorts.idc.manifest import make_idc_manifest
from mmfeat.public_cohorts.idc.wanted import WantedSeries
from mmfeat.stages.cohort import open_cohort

from .made_up_index import VERSION, write_index

WANTED = WantedSeries(collections=("lung-ct",))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_index(tmp_path_factory.mktemp("index"), fetched=True)


@pytest.fixture
def table(files, tmp_path):
    make_idc_manifest(files, WANTED, output=tmp_path / "out")
    return pd.read_csv(tmp_path / "out" / "table.csv", dtype=str).set_index("case_id")


def test_a_case_is_a_study_with_all_its_series(table):
    # Ordered by patient; the study with pictures of two patients is two cases.
    assert table.index.tolist() == ["1.1", "2.1-P2", "2.1-P3"]
    first = table.loc["1.1"]
    assert first["ct"] == ("scans/lung_ct/P1/1.1/CT_1.1.1;scans/lung_ct/P1/1.1/CT_1.1.2")
    assert first["series_uid"] == "1.1.1;1.1.2"
    assert first["description"] == "1.0 mm, lung;0.5 mm"
    assert (first["n_images"], first["size_mb"], first["study_date"]) == (
        "360",
        "180",
        "2001-01-02",
    )
    assert first["slice_thickness_mm"] == "1.0;0.5"
    assert (first["manufacturer"], first["body_part"]) == ("SIEMENS", "CHEST")


def test_ages_are_years_and_those_that_deidentification_took_are_unknown(table):
    assert table["age"].fillna("").tolist() == ["61", "", "1.5"]
    assert table["sex"].fillna("").tolist() == ["F", "", "F"]


def test_a_case_can_be_a_series_and_a_study_its_largest(files, tmp_path):
    make_idc_manifest(files, WANTED, output=tmp_path / "a", case_is="series")
    by_series = pd.read_csv(tmp_path / "a" / "table.csv", dtype=str)
    assert by_series["case_id"].tolist() == ["1.1.1", "1.1.2", "2.1.1", "2.1.2"]
    made = make_idc_manifest(files, WANTED, output=tmp_path / "b", series="largest")
    largest = pd.read_csv(tmp_path / "b" / "table.csv", dtype=str)
    assert largest["ct"].iloc[0] == "scans/lung_ct/P1/1.1/CT_1.1.2"
    assert made.steps[-1].n_series == len(largest) == 3


def test_licences_and_citations_are_those_of_the_series(files, tmp_path):
    made = make_idc_manifest(files, WANTED, output=tmp_path, write=(False, False))
    first, second = made.attribution.licences
    assert (first.name, first.n_series, first.non_commercial) == ("CC BY 4.0", 3, False)
    assert first.url == "https://creativecommons.org/licenses/by/4.0/"
    assert (second.name, second.n_series, second.non_commercial) == ("CC BY-NC 3.0", 1, True)
    assert made.attribution.citations == (
        "Doe, J., & Roe, R. (2020). Lung scans [Data set].",
        "https://doi.org/10.1/unknown",
        COMMONS_CITATION,
    )
    assert list(tmp_path.iterdir()) == []


def test_the_list_to_download_has_each_series_with_its_folder(files, tmp_path):
    made = make_idc_manifest(files, WANTED, output=tmp_path / "out", scans=tmp_path / "my scans")
    lines = (tmp_path / "out" / "series.s5cmd").read_text().splitlines()
    assert lines[0] == f"# 4 series of Imaging Data Commons, index {VERSION}"
    assert lines[2] == "cp s3://bucket/u2/* lung_ct/P1/1.1/CT_1.1.2/"
    table = pd.read_csv(tmp_path / "out" / "table.csv", dtype=str)
    named = {path for cell in table["ct"] for path in cell.split(";")}
    assert named == {f"../my scans/{line.split()[2].rstrip('/')}" for line in lines[1:]}
    own, _ = made.download
    assert own.startswith("idc download ")
    assert own.endswith(f" --download-dir '{tmp_path}/my scans'")


def test_settings_are_whole_once_a_target_is_named(files, tmp_path):
    made = make_idc_manifest(files, WANTED, output=tmp_path)
    (settings,) = made.written.settings
    with pytest.raises(ConfigError, match=r"cohort\.targets"):
        load_project(settings)
    for folder in {path for cell in _cells(tmp_path) for path in cell.split(";")}:
        (tmp_path / folder).mkdir(parents=True)  # as a download would
    table = pd.read_csv(tmp_path / "table.csv", dtype=str)
    table.assign(cancer=["0", "1", "0"]).to_csv(tmp_path / "table.csv", index=False)
    content = yaml.safe_load(settings.read_text())
    content["cohort"]["targets"] = {"cancer": {"kind": "binary", "column": "cancer"}}
    settings.write_text(yaml.safe_dump(content))
    cohort = open_cohort(load_project(settings))
    assert len(cohort.sources["ct"][0]) == 2
    assert load_project(settings).settings.cohort.collections == ["Lung-CT", "IDC"]
    assert set(load_project(settings).settings.modalities) == {"ct", "clinical"}


def _cells(folder):
    return pd.read_csv(folder / "table.csv", dtype=str)["ct"]


def test_the_account_says_what_was_asked_for(files, tmp_path):
    wanted = WantedSeries(collections=("lung-ct",), max_thickness_mm=2.0, patients=("P1",))
    make_idc_manifest(files, wanted, output=tmp_path)
    account = json.loads((tmp_path / "manifest.json").read_text())
    assert account["asked_for"] == {
        "collections": ["lung-ct"],
        "modality": "CT",
        "min_images": 16,
        "patients": ["P1"],
        "max_thickness_mm": 2.0,
    }
    assert account["index"] == VERSION
    assert account["licences"] == {"CC BY 4.0": 2}
    assert account["steps"][-1] == {"filter": "slices of 0 to 2 mm", "n_series": 2}


def test_files_that_are_there_are_replaced_only_when_told(files, tmp_path):
    make_idc_manifest(files, WANTED, output=tmp_path)
    with pytest.raises(CohortError, match="is there already; pass --overwrite"):
        make_idc_manifest(files, WANTED, output=tmp_path)
    make_idc_manifest(files, WANTED, output=tmp_path, write=(True, True))
