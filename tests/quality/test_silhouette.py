"""Bodies that are easy to draw, with outlines that can be counted."""

import numpy as np
import pytest
import SimpleITK

from mmfeat.quality.silhouette import silhouette

SIZE_MM = (100.0, 300.0, 300.0)


def _air(shape=(4, 40, 50)):
    return np.full(shape, -1000, np.int16)


def test_the_body_is_what_simpleitk_finds_slice_by_slice(shared_data):
    image = SimpleITK.ReadImage(str(shared_data / "ct_nifti" / "totalseg_abdomen_3mm.nii.gz"))
    labels = SimpleITK.RelabelComponent(SimpleITK.ConnectedComponent(image > -500))
    largest = labels == 1
    expected = [
        SimpleITK.GetArrayFromImage(SimpleITK.BinaryFillhole(largest[:, :, k]))
        for k in range(image.GetDepth())
    ]
    found = silhouette(SimpleITK.GetArrayFromImage(image).astype(np.int16), SIZE_MM)
    np.testing.assert_array_equal(found.body, np.array(expected, bool))


def test_lungs_belong_to_the_body_and_a_couch_does_not():
    hu = _air()
    hu[:, 5:30, 5:45] = 40
    hu[:, 10:25, 10:20] = -860
    hu[:, 34:36, 3:47] = 100
    found = silhouette(hu, SIZE_MM)
    expected = np.zeros(hu.shape, bool)
    expected[:, 5:30, 5:45] = True
    np.testing.assert_array_equal(found.body, expected)
    assert found.around.size == hu.size - expected.sum()


def test_a_body_in_air_has_no_part_of_its_outline_at_the_edge():
    hu = _air()
    hu[:, 5:30, 5:45] = 40
    found = silhouette(hu, SIZE_MM)
    assert not found.is_crop
    assert found.cut_outline_share == 0


def test_a_body_cut_on_one_side_has_that_side_at_the_edge():
    hu = _air()
    hu[:, 10:30, :20] = 40  # 20 rows of 20 columns: 76 voxels of outline, 20 of them at the edge
    found = silhouette(hu, SIZE_MM)
    assert found.cut_outline_share == pytest.approx(20 / 76)
    assert not found.is_crop


def test_padding_is_no_air_and_its_rim_is_the_edge_of_the_view():
    hu = np.full((4, 40, 50), -3024, np.int16)
    hu[:, 5:35, 5:45] = -1000
    hu[:, 10:30, 5:25] = 40
    found = silhouette(hu, SIZE_MM)
    assert found.padding.sum() == hu.size - 4 * 30 * 40
    assert found.cut_outline_share == pytest.approx(20 / 76)
    assert (found.around == -1000).all()


@pytest.mark.parametrize("filling_hu", [-1024, -2000])
def test_a_round_view_that_cuts_the_body_is_seen(filling_hu):
    rows, columns = np.ogrid[-1:1:64j, -1:1:64j]
    radius = np.hypot(rows, columns)
    air = np.random.default_rng(0).normal(-990, 8, (5, 64, 64))
    hu = np.where(radius < 1, np.maximum(air, filling_hu), filling_hu)
    hu = np.where((np.abs(rows) < 0.3) & (radius < 1), 40, hu).astype(np.int16)
    found = silhouette(hu, SIZE_MM)
    np.testing.assert_array_equal(found.padding, np.broadcast_to(radius >= 1, hu.shape))
    assert 0.1 < found.cut_outline_share < 0.3
    narrower = np.where(np.abs(columns) < 0.9, hu, np.where(radius < 1, -990, filling_hu))
    assert silhouette(narrower.astype(np.int16), SIZE_MM).cut_outline_share == 0


def test_air_that_is_the_same_everywhere_is_no_padding():
    hu = _air()
    hu[:, 10:30, 10:40] = 40
    assert not silhouette(hu, SIZE_MM).padding.any()


def test_what_has_tissue_all_around_was_cut_from_a_body():
    hu = np.full((4, 40, 50), 40, np.int16)
    hu[:, 10:30, 10:40] = -860
    assert silhouette(hu, SIZE_MM).is_crop


def test_what_is_smaller_than_a_body_was_cut_from_one():
    hu = _air()
    hu[:, 10:30, 10:40] = 40
    assert silhouette(hu, (32.0, 32.0, 32.0)).is_crop


def test_values_shifted_by_a_hundred_do_not_look_like_a_crop():
    hu = _air() + np.int16(100)
    hu[:, 10:30, 10:40] = 140
    assert not silhouette(hu, SIZE_MM).is_crop


def test_nothing_but_air_has_no_body():
    found = silhouette(_air(), SIZE_MM)
    assert not found.body.any()
    assert found.cut_outline_share == 0


def test_nothing_but_padding_is_no_crop():
    assert not silhouette(np.full((2, 3, 3), -3024, np.int16), SIZE_MM).is_crop
