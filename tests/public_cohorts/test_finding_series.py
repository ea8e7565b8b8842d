"""Series that cannot be read are left out by name, and the others are found."""

import re

import pydicom
import pytest
from mmfeat.data_manifests.made_up_dicom import made_up_uid, write_series
from mmfeat.data_manifests.made_up_scans import made_up_chest

from mmfeat.errors import CohortError
from mmfeat.public_cohorts.finding_series import (
    DAMAGED,
    NO_DICOM,
    NO_FILES,
    find_series,
    series_in,
)

SCAN = made_up_chest(1)


def _write(folder, name: str) -> None:
    fields = {"PatientID": name, "SeriesInstanceUID": made_up_uid(name)}
    write_series(folder / name, SCAN, fields, every=20)


@pytest.fixture
def download(tmp_path):
    for name in ("a", "b", "c"):
        _write(tmp_path, name)
    return tmp_path


def test_files_that_are_no_dicom_or_damaged_are_named_and_the_others_found(download):
    (download / "a" / "1-001.dcm").write_bytes(b"an error page of a server" * 20)
    end = download / "c" / "1-021.dcm"
    end.write_bytes(end.read_bytes()[:300])
    found = find_series(download)
    assert [one.patient_id for one in found.series] == ["b"]
    assert found.left_out == {NO_DICOM: ("a/1-001.dcm",), DAMAGED: ("c/1-021.dcm",)}
    assert len(find_series(download, both_ends=False).series) == 2


def test_a_field_that_is_no_number_is_damage(download):
    file = download / "b" / "1-001.dcm"
    header = pydicom.dcmread(file)
    thickness = header["SliceThickness"].value.original_string.encode()
    content = file.read_bytes()
    assert content.count(thickness) == 1
    file.write_bytes(content.replace(thickness, b"?" * len(thickness)))
    assert find_series(download).left_out == {DAMAGED: ("b/1-001.dcm",)}


def test_only_named_folders_are_looked_at_and_those_that_are_empty_are_named(download):
    (download / "c" / "1-001.dcm").write_bytes(b"")
    (download / "empty").mkdir()
    found = series_in(download, ["b", "gone", "empty"])
    assert [(one.folder.as_posix(), one.n_files) for one in found.series] == [("b", 2)]
    assert found.left_out == {NO_FILES: ("gone", "empty")}


def test_a_download_of_which_nothing_can_be_read_is_refused(tmp_path):
    with pytest.raises(CohortError, match=re.escape(f"{tmp_path}: holds no folder with .dcm")):
        find_series(tmp_path)
    (tmp_path / "1.dcm").write_bytes(b"no DICOM at all" * 20)
    said = "none of its 1 series can be read (series: this file of it is no DICOM file: 1.dcm)"
    with pytest.raises(CohortError, match=re.escape(f"{tmp_path}: {said}; download")):
        find_series(tmp_path)


def test_a_folder_that_mixes_series_is_refused(download):
    (download / "b" / "1-021.dcm").rename(download / "a" / "1-099.dcm")
    with pytest.raises(CohortError, match="a: holds several series; put each into a folder"):
        find_series(download)
