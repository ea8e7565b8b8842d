"""COLIPRI's window is that of its authors' chain, re-expressed with the library beneath it."""

import numpy as np
import pytest
import SimpleITK

from mmfeat.encoders.recipes.package_recipes import COLIPRI
from mmfeat.preprocessing.orientation import reorient
from mmfeat.preprocessing.sampler import NumpySampler
from mmfeat.volumes import Volume

MM = 2.0
OF_THE_WINDOW = 5e-4
"""Largest difference to the authors' chain, where the intensity window is -1..1."""


def _prepare(scan, axes="RAS", shrink=1):
    preparation = COLIPRI.preparation_of({"axes": axes, "shrink": shrink})
    return preparation.prepare(scan, NumpySampler())[0, 0]


def _theirs(scan, axes, size):
    """Resample about the centre to what fits, pad with the lowest value, cut out the middle."""
    turned = reorient(scan, axes)
    image = SimpleITK.GetImageFromArray(turned.hu.astype(np.float32).transpose(2, 1, 0))
    image.SetSpacing(turned.spacing_mm)  # in its own axes: where the scan lies changes nothing
    shape = np.floor(np.round(np.multiply(turned.hu.shape, turned.spacing_mm) / MM, 9)).astype(int)
    middle = (np.array(turned.hu.shape) - 1) * turned.spacing_mm / 2
    origin = middle - (shape - 1) * MM / 2
    resampled = SimpleITK.Resample(
        image,
        shape.tolist(),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        origin.tolist(),
        (MM, MM, MM),
        image.GetDirection(),
        -12345.0,  # would be seen if the grid went beyond the scan
    )
    scaled = np.clip(SimpleITK.GetArrayFromImage(resampled).transpose(2, 1, 0), -1000, 1000) / 1000
    missing = np.maximum(size - shape, 0)
    padding = [(-(-n // 2), n // 2) for n in missing]
    padded = np.pad(scaled, padding, constant_values=scaled.min())
    starts = [-(-max(n - size, 0) // 2) for n in shape]
    return padded[tuple(slice(start, start + size) for start in starts)]


def test_the_window_is_that_of_the_authors_chain(any_scan):
    ours = _prepare(any_scan)
    assert ours.shape == (192, 192, 192)
    np.testing.assert_allclose(ours, _theirs(any_scan, "RAS", 192), atol=OF_THE_WINDOW)


def test_so_it_is_where_the_axes_are_in_another_order(make_scan):
    scan = make_scan((24, 103, 60), (4.0, 2.0, 2.1), turn_deg=20)
    ours = _prepare(scan, "SAR", shrink=4)
    np.testing.assert_allclose(ours, _theirs(scan, "SAR", 48), atol=OF_THE_WINDOW)


def test_of_odd_voxels_cropping_takes_the_first_and_padding_puts_one_there(make_scan):
    scan = make_scan((24, 103, 60), (4.0, 2.0, 2.1))  # 48 fits; 103 is cut; 63 is cut
    np.testing.assert_allclose(
        _prepare(scan, shrink=4), _theirs(scan, "RAS", 48), atol=OF_THE_WINDOW
    )
    short = make_scan((11, 45, 43), (2.0, 2.0, 2.0))
    np.testing.assert_allclose(
        _prepare(short, shrink=4), _theirs(short, "RAS", 48), atol=OF_THE_WINDOW
    )


def test_the_padding_is_the_lowest_value_of_the_scan_and_not_air():
    hu = np.full((5, 6, 7), 40, np.int16)
    hu[2, 3, 3] = 500
    window = _prepare(Volume(hu, np.diag([2.0, 2.0, 2.0, 1.0])))
    assert window[0, 0, 0] == window.min() == pytest.approx(0.04)
    assert window.max() == pytest.approx(0.5)


def test_an_axis_of_one_voxel_or_thinner_than_a_voxel_is_kept():
    for thickness_mm in (0.5, 5.0):
        volume = Volume(np.full((1, 30, 30), 100, np.int16), np.diag([thickness_mm, 2.0, 2.0, 1.0]))
        np.testing.assert_allclose(_prepare(volume), 0.1, atol=1e-6)


def test_sar_is_the_same_window_with_its_axes_in_another_order(make_scan):
    scan = make_scan((30, 40, 50), (2.0, 2.0, 2.0))  # even, so that nothing is off by one
    np.testing.assert_allclose(
        _prepare(scan, "SAR"), _prepare(scan, "RAS").transpose(2, 1, 0), atol=1e-6
    )
