import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.inferers import SlidingWindowSplitter
from monai.transforms import CenterSpatialCrop, CropForeground, SpatialPad

from mmfeat.preprocessing.cropping import (
    centre_box,
    foreground_box,
    pad_about_centre,
    sliding_windows,
)

SIZES = st.tuples(*[st.integers(1, 12)] * 3)


@pytest.mark.parametrize("above_hu", [0.0, -1024.0, 400.0])
def test_the_foreground_is_that_of_monai(volume, as_monai, above_hu):
    box = foreground_box(volume.hu, above_hu)
    theirs = CropForeground(select_fn=lambda hu: hu > above_hu)(as_monai(volume))[0].numpy()
    np.testing.assert_array_equal(volume.hu[box], theirs)


def test_without_foreground_there_is_no_box():
    assert foreground_box(np.zeros((3, 3, 3), np.float32), 0.0) is None


@given(shape=SIZES, size=SIZES)
def test_padding_and_cropping_about_the_centre_agree_with_monai(shape, size):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    box = centre_box(shape, size)
    ours = pad_about_centre(values[box], size, 0.0)
    theirs = CenterSpatialCrop(size)(SpatialPad(size)(torch.from_numpy(values)[None]))[0]
    np.testing.assert_array_equal(ours, theirs.numpy())


@given(shape=SIZES, size=SIZES, overlap=st.sampled_from([0.0, 0.25, 0.5, 0.625]))
def test_windows_agree_with_monai_wherever_the_volume_is_as_large_as_one(shape, size, overlap):
    shape = tuple(max(n, wanted) for n, wanted in zip(shape, size, strict=True))
    size = tuple(n if round(n - n * overlap) else 8 for n in size)  # MONAI cannot step by 0 voxels
    shape = tuple(max(n, wanted) for n, wanted in zip(shape, size, strict=True))
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    ours = sliding_windows(values, size, overlap=overlap, pad_value=-7.0)
    splitter = SlidingWindowSplitter(size, overlap=overlap, pad_value=-7.0)
    theirs = [patch[0, 0].numpy() for patch, _ in splitter(torch.from_numpy(values)[None, None])]
    np.testing.assert_array_equal(ours, np.stack(theirs))


@given(shape=SIZES, size=SIZES, overlap=st.sampled_from([0.0, 0.4]))
def test_every_voxel_is_in_a_window_even_of_a_volume_smaller_than_one(shape, size, overlap):
    size = tuple(max(n, 2) for n in size)
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    windows = sliding_windows(values, size, overlap=overlap, pad_value=0.0)
    assert windows.shape[1:] == size
    assert set(values.ravel()) <= set(windows.ravel())


def test_an_overlap_of_one_is_refused():
    with pytest.raises(ValueError, match=r"below 1, got 1.0"):
        sliding_windows(np.zeros((2, 2, 2), np.float32), (2, 2, 2), overlap=1.0, pad_value=0.0)
