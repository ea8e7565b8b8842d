"""Crop and pad to a size, against MONAI."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.transforms import CenterSpatialCrop, DivisiblePad, SpatialPad

from mmfeat.preprocessing.fitting import fit_about_centre, multiple_of

sizes = st.tuples(*[st.integers(1, 9)] * 3)


@given(shape=sizes, size=sizes)
def test_it_is_monais_crop_and_pad(shape, size):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    fitted, _ = fit_about_centre(values, size, pad_value=-5)
    cropped = CenterSpatialCrop(size)(torch.from_numpy(values)[None])
    expected = SpatialPad(size, value=-5)(cropped)
    np.testing.assert_array_equal(fitted, expected[0].numpy())


@given(shape=sizes, size=sizes)
def test_the_corner_says_where_the_first_voxel_was(shape, size):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    fitted, corner = fit_about_centre(values, size, pad_value=-5)
    inside = tuple(max(-start, 0) for start in corner)
    assert fitted[inside] == values[tuple(np.add(corner, inside))]


def test_channels_are_kept_and_what_fits_is_not_copied():
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    fitted, _ = fit_about_centre(values, (2, 3, 2), pad_value=0)
    assert fitted.shape == (2, 2, 3, 2)
    same, corner = fit_about_centre(values, (3, 2, 2), pad_value=0)
    assert np.shares_memory(same, values)
    assert corner == (0, 0, 0)


@pytest.mark.parametrize(("pad_value", "kind"), [(-1024, np.int16), (0.5, np.float32)])
def test_whole_numbers_stay_whole_where_the_padding_is_one(pad_value, kind):
    fitted, _ = fit_about_centre(np.zeros((2, 2, 2), np.int16), (4, 2, 2), pad_value=pad_value)
    assert fitted.dtype == kind
    assert fitted[0, 0, 0] == pad_value


def test_a_padding_that_is_no_int16_makes_floats():
    fitted, _ = fit_about_centre(np.zeros((2, 2, 2), np.int16), (4, 2, 2), pad_value=1e6)
    assert fitted.dtype == np.float32


@given(shape=sizes, numbers=sizes)
def test_larger_multiples_are_those_of_monai(shape, numbers):
    padded = DivisiblePad(numbers)(torch.zeros(1, *shape))
    assert multiple_of(shape, numbers, larger=True) == tuple(padded.shape[1:])


@given(shape=sizes, numbers=sizes)
def test_smaller_multiples_leave_less_than_one_number(shape, numbers):
    for n, number, fitted in zip(
        shape, numbers, multiple_of(shape, numbers, larger=False), strict=True
    ):
        assert fitted % number == 0
        assert 0 <= n - fitted < number
