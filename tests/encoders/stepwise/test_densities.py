"""Steps on densities."""

import dataclasses

import numpy as np
import pytest
from monai.transforms import CropForeground

from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.encoders.stepwise import ClipHu, CropAbove
from mmfeat.errors import VolumeError
from mmfeat.preprocessing.orientation import reorient


@pytest.mark.parametrize("kind", [np.int16, np.float32])
@pytest.mark.parametrize("window", [(-1000.0, 1900.0), (-1000.5, 1900.25), (-90_000.0, 90_000.0)])
def test_clipping_is_numpys_whatever_the_kind_of_numbers(kind, window):
    scan = made_up_scan()
    scan = dataclasses.replace(scan, hu=scan.hu.astype(kind))
    clipped = ClipHu(window).apply(scan)
    np.testing.assert_array_equal(clipped.hu, np.clip(scan.hu.astype(np.float32), *window))


def test_whole_numbers_stay_whole_under_whole_ends():
    scan = made_up_scan()
    scan = dataclasses.replace(scan, hu=scan.hu.astype(np.int16))
    assert ClipHu((-1000.0, 1900.0)).apply(scan).hu.dtype == np.int16


@pytest.mark.parametrize("margin", [0, 3])
def test_cropping_is_monais_and_moves_the_first_voxel(as_monai, margin):
    scan = reorient(made_up_scan((24, 40, 50)), "RAS")
    cropped = CropAbove(0.0, margin).apply(scan)
    crop = CropForeground(select_fn=lambda x: x > 0, margin=margin, allow_smaller=True)
    expected = crop(as_monai(scan))
    np.testing.assert_array_equal(cropped.hu, expected[0].numpy())
    np.testing.assert_allclose(cropped.affine, expected.affine.numpy())
    assert cropped.hu.shape != scan.hu.shape


def test_nothing_dense_enough_is_one_clear_line():
    with pytest.raises(VolumeError, match=r"^nothing is above 9000 HU, and this encoder crops"):
        CropAbove(9000.0).apply(made_up_scan())
