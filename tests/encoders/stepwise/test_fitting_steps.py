"""Steps that crop or pad, before and after densities are scaled."""

import numpy as np
import pytest

from mmfeat.encoders.made_up_scan import made_up_scan
from mmfeat.encoders.stepwise import Fit, Multiples
from mmfeat.errors import VolumeError


def test_a_size_is_cut_and_padded_and_an_axis_without_one_stays():
    scan = made_up_scan((10, 20, 30))
    fitted = Fit((None, 24, 8), pad_value=-1024.0).apply(scan)
    np.testing.assert_array_equal(fitted.hu[:, 2:22], scan.hu[:, :, 11:19])
    assert (fitted.hu[:, :2] == -1024).all()
    assert (fitted.hu[:, 22:] == -1024).all()
    kept = scan.affine @ [0, 0, 11, 1]
    np.testing.assert_allclose(fitted.affine @ [0, 2, 0, 1], kept)


def test_multiples_are_cropped_about_the_middle_as_voxelfm_does():
    scan = made_up_scan((30, 29, 43))
    fitted = Multiples((14, 14, 14), "crop").apply(scan)
    np.testing.assert_array_equal(fitted.hu, scan.hu[1:29, 0:28, 0:42])


def test_multiples_are_padded_where_that_is_asked_for():
    channels = np.ones((2, 5, 6, 7), np.float32)
    fitted, corner = Multiples((4, 1, 1), "pad", pad_value=-3.0).fit(channels)
    assert fitted.shape == (2, 8, 6, 7)
    assert corner == (-1, 0, 0)
    assert fitted[0, :, 0, 0].tolist() == [-3, 1, 1, 1, 1, 1, -3, -3]


def test_a_scan_smaller_than_a_patch_is_one_clear_line():
    message = (
        r"^has 5 x 20 x 20 voxels where this encoder needs at least 14 x 14 x 14; use another "
        r"encoder for such volumes$"
    )
    with pytest.raises(VolumeError, match=message):
        Multiples((14, 14, 14), "crop").apply(made_up_scan((5, 20, 20)))


def test_known_lengths_are_followed():
    assert Fit((None, 24, 8), 0.0).size_after((10, None, 30)) == (10, 24, 8)
    assert Multiples((4, 4, 4), "pad").size_after((10, None, 8)) == (12, None, 8)
    assert Multiples((4, 4, 4), "crop").size_after((10, None, 8)) == (8, None, 8)
