import numpy as np
import pytest
from mmfeat.data_manifests.made_up_dicom import made_up_uid, write_series
from mmfeat.data_manifests.made_up_scans import made_up_chest

from mmfeat.volumes import read_volume
from mmfeat.volumes.rules import ReadingRules

FIELDS = {
    "PatientID": "p1",
    "StudyInstanceUID": made_up_uid("p1", "study"),
    "SeriesInstanceUID": made_up_uid("p1", "series"),
}


@pytest.mark.parametrize(("every", "n_files"), [(1, 24), (2, 12), (5, 5)])
def test_a_series_is_read_as_the_scan_it_was_written_from(tmp_path, every, n_files):
    scan = made_up_chest(3, lesion=0.4)
    assert write_series(tmp_path / "series", scan, FIELDS, every=every) == n_files
    found = read_volume(tmp_path / "series", ReadingRules())
    assert np.array_equal(found.hu, scan.hu[::every])
    assert np.allclose(found.affine, scan.affine @ np.diag([every, 1, 1, 1]), atol=1e-3)


def test_the_same_scan_makes_the_same_files(tmp_path):
    for name in ("first", "second"):
        write_series(tmp_path / name, made_up_chest(3), FIELDS, every=8)
    files = [sorted((tmp_path / name).iterdir()) for name in ("first", "second")]
    assert [one.read_bytes() for one in files[0]] == [one.read_bytes() for one in files[1]]
