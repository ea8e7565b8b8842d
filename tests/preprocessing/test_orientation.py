import itertools

import nibabel
import numpy as np
import pytest
from monai.transforms import Orientation

from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import ReadingRules, Volume, read_volume
from mmfeat.volumes.volume import ReadingNote


@pytest.mark.parametrize("axes", ["RAS", "SPL", "LPS", "PIR"])
def test_voxels_and_affine_are_those_of_monai(volume, as_monai, axes):
    ours = reorient(volume, axes)
    theirs = Orientation(axes, labels=(("L", "R"), ("P", "A"), ("I", "S")))(as_monai(volume))
    np.testing.assert_array_equal(ours.hu, theirs[0].numpy())
    np.testing.assert_allclose(ours.affine, theirs.affine.numpy(), atol=1e-9)


def test_one_volume_saved_in_six_axis_orders_comes_out_the_same(shared_data):
    files = sorted((shared_data / "nifti_orientations_mr").glob("*.nii.gz"))
    assert len(files) == 6
    turned = [reorient(read_volume(file, ReadingRules(check_hu=False)), "RAS") for file in files]
    for other in turned[1:]:
        np.testing.assert_array_equal(turned[0].hu, other.hu)
        np.testing.assert_allclose(turned[0].affine, other.affine, atol=1e-4)


def test_every_orientation_points_its_axes_where_nibabel_says():
    volume = Volume(np.zeros((2, 3, 4), np.float32), np.diag([1.0, 2.0, 3.0, 1.0]))
    for letters in itertools.permutations(("LR", "AP", "IS")):
        for axes in itertools.product(*letters):
            turned = reorient(volume, "".join(axes))
            assert nibabel.aff2axcodes(turned.affine) == axes


def test_the_volume_is_neither_copied_nor_changed_and_what_is_known_of_it_is_kept():
    notes = (ReadingNote("series-chosen", "the second of two"),)
    volume = Volume(np.zeros((2, 3, 4), np.int16), np.eye(4), {"kernel": "B30f"}, notes)
    turned = reorient(volume, "SPL")
    assert np.shares_memory(turned.hu, volume.hu)
    assert turned.hu.dtype == np.int16
    assert (turned.header, turned.notes) == (volume.header, notes)


@pytest.mark.parametrize("axes", ["RA", "RAR", "XYZ", "ras", "RASL"])
def test_letters_that_are_no_orientation_are_refused(axes):
    volume = Volume(np.zeros((2, 3, 4), np.float32), np.eye(4))
    with pytest.raises(ValueError, match="one of each of LR, AP and IS"):
        reorient(volume, axes)
