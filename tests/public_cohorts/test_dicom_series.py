"""Series are found by their headers, whatever the folders of a download are called."""

from dataclasses import replace
from datetime import date

import pytest
from mmfeat.data_manifests.made_up_dicom import made_up_uid, write_series
from mmfeat.data_manifests.made_up_scans import made_up_chest

from mmfeat.public_cohorts.dicom_series import largest
from mmfeat.public_cohorts.finding_series import find_series

SCAN = made_up_chest(1)


def _fields(series: str, **more) -> dict[str, str]:
    return {
        "PatientID": "R01-001",
        "StudyDate": "19940217",
        "StudyInstanceUID": made_up_uid("study"),
        "SeriesInstanceUID": made_up_uid(series),
        **more,
    }


@pytest.fixture(scope="module")
def download(tmp_path_factory):
    folder = tmp_path_factory.mktemp("download")
    visit = {"SeriesDescription": "LUNG ", "ClinicalTrialTimePointID": "T1"}
    write_series(folder / "b" / "thin", SCAN, _fields("thin", **visit))
    write_series(folder / "a", SCAN, _fields("scout"), every=20)
    return folder


def test_a_series_is_what_its_header_says(download):
    scout, thin = find_series(download).series
    assert (thin.folder.as_posix(), thin.file.name, thin.n_files) == ("b/thin", "1-001.dcm", 24)
    assert (thin.patient_id, thin.description, thin.modality) == ("R01-001", "LUNG", "CT")
    assert thin.study_date == date(1994, 2, 17)
    assert thin.pixel_mm == (10.5, 10.5)
    assert thin.slice_mm == 9
    assert thin.is_axial_ct
    assert scout.axial
    assert not scout.is_axial_ct
    assert thin.time_point == "T1"
    assert scout.time_point == ""
    assert scout.has_ct_slices
    assert largest([scout, thin]) == thin


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"image_type": ("DERIVED", "SECONDARY", "REFORMATTED")}, "made of other slices"),
        ({"image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, "a scout"),
        ({"orientation": (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)}, "coronal"),
        ({"orientation": ()}, "no axes"),
        ({"modality": "PT"}, "no CT"),
    ],
)
def test_what_is_no_scan_of_axial_slices_is_told_from_one(download, change, why):
    _, thin = find_series(download).series
    changed = replace(thin, **change)
    assert not changed.has_ct_slices, why
    assert not changed.is_axial_ct, why
