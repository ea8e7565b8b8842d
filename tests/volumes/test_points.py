"""A point is where voxel, mask or coordinates say, and lies in the scan or is refused."""

import dataclasses

import nibabel as nib
import numpy as np
import pytest
import SimpleITK

from mmfeat.errors import VolumeError
from mmfeat.preprocessing.orientation import reorient
from mmfeat.volumes import PointRules, ReadingRules, Volume, read_volume
from mmfeat.volumes.points import mask_centre, point_of_voxel, require_inside

COS, SIN = np.cos(0.2), np.sin(0.2)
AFFINE = np.array(
    [
        [-1.5, 0, 0, 70],
        [0, 1.2 * COS, -2.1 * SIN, -20],
        [0, 1.2 * SIN, 2.1 * COS, 300],
        [0, 0, 0, 1],
    ]
)
"""Of a slanted scan that is stored from left to right."""
LARGEST = PointRules("mask", part="largest")


def _write(path, voxels, affine=AFFINE):
    nib.save(nib.Nifti1Image(voxels, affine), path)
    return path


def _mask(*boxes, shape=(30, 32, 34), dtype=np.uint8):
    voxels = np.zeros(shape, dtype)
    for value, (first, second, third) in boxes:
        voxels[first, second, third] = value
    return voxels


def _centre(path, *, affine=AFFINE, index=(0, 0, 0)):
    np.testing.assert_allclose(mask_centre(path, LARGEST), (affine @ [*index, 1])[:3], atol=1e-4)


BIG = (1, (slice(4, 9), slice(10, 12), slice(20, 27)))
BIG_CENTRE = (6.0, 10.5, 23.0)
SMALL = (1, (slice(20, 22), slice(3, 5), slice(2, 4)))
OTHER_LABEL = (3, (slice(12, 19), slice(12, 19), slice(2, 9)))


def test_the_centre_is_that_of_the_largest_part(tmp_path):
    _centre(_write(tmp_path / "m.nii.gz", _mask(BIG, SMALL)), index=BIG_CENTRE)


def test_all_parts_and_a_label_can_be_asked_for(tmp_path):
    path = _write(tmp_path / "m.nii.gz", _mask(BIG, SMALL, OTHER_LABEL))
    labelled = mask_centre(path, PointRules("mask", 1, "largest"))
    np.testing.assert_allclose(labelled, (AFFINE @ [*BIG_CENTRE, 1])[:3], atol=1e-4)
    everything = mask_centre(path, PointRules("mask", 1, "all"))
    marked = np.argwhere(_mask(BIG, SMALL)).mean(axis=0)
    np.testing.assert_allclose(everything, (AFFINE @ [*marked, 1])[:3], atol=1e-4)
    _centre(path, index=(15.0, 15.0, 5.0))  # of all labels the largest part


def test_parts_that_touch_at_a_corner_are_one(tmp_path):
    two = [
        (1, (slice(4, 6), slice(4, 6), slice(4, 6))),
        (1, (slice(6, 8), slice(6, 8), slice(6, 8))),
    ]
    _centre(_write(tmp_path / "m.nii.gz", _mask(*two)), index=(5.5, 5.5, 5.5))


def test_the_mask_may_have_another_grid_and_format(tmp_path):
    coarse = AFFINE @ np.diag([2.0, 2.0, 2.0, 1.0])
    box = (1, (slice(2, 5), slice(3, 6), slice(7, 8)))
    path = _write(tmp_path / "m.nii", _mask(box, shape=(15, 16, 17), dtype=np.float32), coarse)
    _centre(path, affine=coarse, index=(3.0, 4.0, 7.0))
    image = SimpleITK.ReadImage(str(path), SimpleITK.sitkUInt8)
    for ending in ("nrrd", "mha"):
        SimpleITK.WriteImage(image, str(tmp_path / f"m.{ending}"))
        found = mask_centre(tmp_path / f"m.{ending}", LARGEST)
        np.testing.assert_allclose(found, mask_centre(path, LARGEST), atol=1e-3)


@pytest.mark.parametrize(
    ("voxels", "label", "message"),
    [
        (_mask(), None, "m.nii: an empty mask, all of it is 0; draw the region"),
        (_mask(BIG, OTHER_LABEL), 2, "no voxel has the label 2 of `mask.label`; there are 1, 3"),
        (_mask(), 2, "no voxel has the label 2 of `mask.label`; all of it is 0"),
        (
            _mask((0.5, BIG[1]), dtype=np.float32),
            None,
            "no mask, with values from 0 to 0.5; a mask",
        ),
        (_mask((-1000, BIG[1]), dtype=np.int16), None, "no mask, with values from -1000 to 0"),
    ],
)
def test_what_is_no_mask_or_marks_nothing_is_refused(voxels, label, message, tmp_path):
    path = _write(tmp_path / "m.nii", voxels)
    with pytest.raises(VolumeError, match=message):
        mask_centre(path, PointRules("mask", label, "largest"))


def test_a_mask_that_cannot_be_read_names_its_file(tmp_path):
    (tmp_path / "m.nii").write_bytes(b"torn")
    with pytest.raises(VolumeError, match=r"m\.nii: "):
        mask_centre(tmp_path / "m.nii", LARGEST)


def test_a_voxel_is_counted_as_in_the_file(tmp_path):
    path = _write(tmp_path / "scan.nii", _mask(BIG, dtype=np.int16))
    volume = read_volume(path, ReadingRules(check_hu=False))
    expected = (AFFINE @ [5.0, 11.0, 25.5, 1.0])[:3]
    np.testing.assert_allclose(point_of_voxel(volume, (5.0, 11.0, 25.5)), expected, atol=1e-4)
    itk = SimpleITK.ReadImage(str(path)).TransformContinuousIndexToPhysicalPoint((5.0, 11.0, 25.5))
    np.testing.assert_allclose(expected, np.array(itk) * (-1, -1, 1), atol=1e-4)


@pytest.mark.parametrize("series", ["philips_phantom_10slice", "dcmqi_liver_3slice"])
def test_a_voxel_of_dicom_slices_is_that_of_itk(series, shared_data):
    folder = shared_data / "ct_dicom" / series
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image, volume = reader.Execute(), read_volume(folder, ReadingRules(check_hu=False))
    for index in ((0, 0, 0), (3, 25, 1), (100, 2, 2)):
        itk = np.array(image.TransformIndexToPhysicalPoint(index)) * (-1, -1, 1)
        found = point_of_voxel(volume, tuple(map(float, index)))
        np.testing.assert_allclose(found, itk, atol=1e-3)


def _volume():
    return Volume(np.zeros((10, 20, 30), np.int16), np.diag([2.0, 1.0, 1.0, 1.0]))


def test_points_up_to_the_edge_of_the_outermost_voxels_are_inside():
    for point in ((0.0, 0.0, 0.0), (-1.0, -0.5, -0.5), (19.0, 19.5, 29.5), (9.3, 4.0, 12.0)):
        require_inside(_volume(), point)


def test_a_point_outside_is_refused_with_where_the_scan_is():
    message = (
        r"the point of interest, \(0\.0, 0\.0, 40\.0\) mm \(RAS\+\), is outside the scan, which "
        r"reaches from \(0\.0, 0\.0, 0\.0\) to \(18\.0, 19\.0, 29\.0\); correct it"
    )
    with pytest.raises(VolumeError, match=message):
        require_inside(_volume(), (0.0, 0.0, 40.0))


def test_a_point_whose_signs_are_those_of_the_other_space_is_told_so():
    with pytest.raises(VolumeError, match=r"with x and y of the other sign it would be inside"):
        require_inside(_volume(), (-3.0, -4.0, 5.0))


def test_turning_a_volume_leaves_its_point_where_it_is():
    volume = dataclasses.replace(_volume(), point_mm=(3.0, 4.0, 5.0))
    assert reorient(volume, "PIR").point_mm == (3.0, 4.0, 5.0)
