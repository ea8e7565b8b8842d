"""The scans of a cohort, from its settings or from one column of a table."""

import pytest

from mmfeat.config.loading import load_project
from mmfeat.errors import CohortError
from mmfeat.quality import Thresholds
from mmfeat.stages.inspection.setup import InspectSetup
from mmfeat.stages.inspection.sources import project_scans, table_scans

from ..inspect_scans import TWO_MODALITIES

TABLE = "case_id,ct,low\na,scans/a.nii.gz,\nb,NA,low/b\n,/far/c.nii.gz,low/c\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mmfeat.yaml").write_text(TWO_MODALITIES)
    (tmp_path / "manifest.csv").write_text(TABLE)
    return tmp_path


def test_every_scan_of_every_modality_is_found_with_its_settings(folder):
    scans = project_scans(load_project(folder / "mmfeat.yaml"), None)
    assert [(scan.modality, scan.case_id, scan.source) for scan in scans] == [
        ("ct", "a", "scans/a.nii.gz"),
        ("ct", "row 4", "/far/c.nii.gz"),
        ("low_dose", "b", "low/b"),
        ("low_dose", "row 4", "low/c"),
    ]
    assert [scan.path for scan in scans[:2]] == [
        folder / "scans" / "a.nii.gz",
        folder / "/far/c.nii.gz",
    ]
    assert [scan.rules.gaps for scan in scans] == ["interpolate"] * 2 + ["refuse"] * 2
    assert [scan.thresholds.most_noise_hu for scan in scans] == [60, 60, 90, 90]


def test_one_modality_can_be_chosen(folder):
    scans = project_scans(load_project(folder / "mmfeat.yaml"), "low_dose")
    assert {scan.modality for scan in scans} == {"low_dose"}


def test_neither_labels_nor_other_columns_are_asked_for(folder):
    """A cohort is to be looked at before its table is in order."""
    assert "cancer" not in TABLE
    assert project_scans(load_project(folder / "mmfeat.yaml"), None)


def test_a_column_of_a_table_will_do(folder):
    setup = InspectSetup(thresholds=Thresholds(few_slices=3))
    scans = table_scans(folder / "manifest.csv", "low", setup)
    assert [(scan.modality, scan.case_id) for scan in scans] == [("low", "b"), ("low", "row 4")]
    assert {scan.thresholds.few_slices for scan in scans} == {3}


def test_a_column_that_is_not_there_is_named_with_those_that_are(folder):
    message = r"manifest.csv: no column `lwo`; did you mean `low`\?; there are: case_id, ct, low"
    with pytest.raises(CohortError, match=message):
        table_scans(folder / "manifest.csv", "lwo", InspectSetup())


def test_several_paths_in_a_cell_are_several_scans(folder):
    (folder / "manifest.csv").write_text("case_id,ct\na,1.nii;2.nii\nb,3.nii\n")
    scans = table_scans(folder / "manifest.csv", "ct", InspectSetup())
    assert [(scan.case_id, scan.source) for scan in scans] == [
        ("a", "1.nii"),
        ("a", "2.nii"),
        ("b", "3.nii"),
    ]


def test_scans_may_be_in_a_table_of_their_own(folder):
    settings = TWO_MODALITIES.replace("column: low", "scans: {file: in/scans.csv, case: who}")
    assert settings != TWO_MODALITIES
    (folder / "mmfeat.yaml").write_text(settings)
    (folder / "in").mkdir()
    (folder / "in" / "scans.csv").write_text("who,path\na,1.nii\na,2.nii\n,3.nii\n")
    scans = project_scans(load_project(folder / "mmfeat.yaml"), "low_dose")
    assert [(scan.case_id, scan.path) for scan in scans] == [
        ("a", folder / "in" / "1.nii"),
        ("a", folder / "in" / "2.nii"),
        ("row 4", folder / "in" / "3.nii"),
    ]
