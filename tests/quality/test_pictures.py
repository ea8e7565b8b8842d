"""Slices are shown the right way round, in the right window."""

import dataclasses

import numpy as np
import pytest

from mmfeat.quality.pictures import LUNG_HU, SOFT_TISSUE_HU, Picture, in_window, orthogonal_pictures
from mmfeat.volumes import Volume


@pytest.fixture
def numbered(volume_of):
    """A volume whose values say where they are: superior * 100 + posterior * 10 + left."""
    superior, posterior, left = np.indices((4, 5, 6))
    hu = (100 * superior + 10 * posterior + left).astype(np.int16)
    return volume_of(hu, (5.0, 2.0, 1.0))


def test_front_and_head_are_up_and_the_right_side_is_on_the_left(numbered):
    axial, coronal, sagittal = orthogonal_pictures(numbered, LUNG_HU)
    assert (axial.title, axial.values[0, 0], axial.values[-1, -1]) == ("axial", 200, 245)
    assert (coronal.title, coronal.values[0, 0], coronal.values[-1, -1]) == ("coronal", 320, 25)
    assert (sagittal.title, sagittal.values[0, 0], sagittal.values[-1, -1]) == ("sagittal", 303, 43)


def test_pictures_know_their_size(numbered):
    axial, coronal, sagittal = orthogonal_pictures(numbered, LUNG_HU)
    assert axial.size_mm == pytest.approx((10.0, 6.0))
    assert coronal.size_mm == pytest.approx((20.0, 6.0))
    assert sagittal.size_mm == pytest.approx((20.0, 10.0))


def test_another_order_of_axes_gives_the_same_pictures(numbered):
    affine = numbered.affine[:, [2, 0, 1, 3]]
    turned = Volume(numbered.hu.transpose(2, 0, 1), affine)
    for one, other in zip(
        orthogonal_pictures(numbered, LUNG_HU), orthogonal_pictures(turned, LUNG_HU), strict=True
    ):
        np.testing.assert_array_equal(one.values, other.values)
        assert one.size_mm == pytest.approx(other.size_mm)


def test_with_a_point_of_interest_the_slices_go_through_it_and_it_is_marked(numbered):
    (place,) = np.argwhere(numbered.hu == 315)
    x, y, z, _ = (numbered.affine @ [*place, 1]).tolist()
    pointed = dataclasses.replace(numbered, point_mm=(x, y, z))
    for picture in orthogonal_pictures(pointed, LUNG_HU):
        row, column = (round(value) for value in picture.mark)
        assert picture.values[row, column] == 315
        assert picture.mark == pytest.approx((row, column))
    assert [picture.mark for picture in orthogonal_pictures(numbered, LUNG_HU)] == [None] * 3


def test_pictures_hold_no_view_of_the_volume(numbered):
    for picture in orthogonal_pictures(numbered, LUNG_HU):
        assert not np.shares_memory(picture.values, numbered.hu)


def test_a_window_goes_from_black_to_white():
    values = np.array([[-3024, -1000, -500], [-250, 0, 3071]], np.int16)
    picture = Picture("", values, (-1000.0, 0.0), (1.0, 1.0))
    assert picture.grey.tolist() == [[0, 0, 127], [191, 255, 255]]


def test_pictures_can_be_shown_in_another_window(numbered):
    pictures = orthogonal_pictures(numbered, LUNG_HU)
    changed = in_window(pictures, SOFT_TISSUE_HU)
    assert [picture.window for picture in changed] == [SOFT_TISSUE_HU] * 3
    assert [picture.window for picture in pictures] == [LUNG_HU] * 3
