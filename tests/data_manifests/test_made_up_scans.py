import numpy as np
import pytest
import SimpleITK
from mmfeat.data_manifests.made_up_scans import (
    made_up_chest,
    stored,
    write_metaimage,
    write_nifti,
)

from mmfeat.volumes.reading import read_volume
from mmfeat.volumes.rules import ReadingRules


def write(path, scan):
    if path.suffix == ".mha":
        write_metaimage(path, scan, {"PatientAge": "065Y"})
    else:
        write_nifti(path, scan)
    return path


@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.mha"])
def test_a_scan_is_read_back_with_its_values_at_their_places(tmp_path, name):
    scan = made_up_chest(3, lesion=0.4)
    read = read_volume(write(tmp_path / "deep" / name, scan), ReadingRules())
    places = np.argwhere(scan.hu > 40)[:50]
    world = scan.affine @ np.c_[places, np.ones(len(places))].T  # (4, places)
    there = np.rint(np.linalg.inv(read.affine) @ world)[:3].astype(int)
    np.testing.assert_array_equal(read.hu[tuple(there)], scan.hu[tuple(places.T)])


def test_simpleitk_reads_the_metaimage_and_its_fields_as_we_wrote_them(tmp_path):
    scan = made_up_chest(5)
    image = SimpleITK.ReadImage(str(write(tmp_path / "scan.mha", scan)))
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), stored(scan))
    assert image.GetMetaData("PatientAge") == "065Y"


@pytest.mark.parametrize("name", ["scan.nii.gz", "scan.mha"])
def test_the_same_scan_gives_the_same_bytes(tmp_path, name):
    one, other = (write(tmp_path / str(n) / name, made_up_chest(7)) for n in (1, 2))
    assert one.read_bytes() == other.read_bytes()


def test_a_lesion_fills_its_share_of_a_lung():
    airless = [(made_up_chest(1, lesion=lesion).hu > 0).sum() for lesion in (0.0, 0.5, 1.0)]
    assert airless[0] < airless[1] < airless[2]
