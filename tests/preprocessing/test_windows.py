import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.data.utils import dense_patch_slices
from monai.inferers import SlidingWindowSplitter

from mmfeat.preprocessing.windows import inference_windows, sliding_windows

SIZES = st.tuples(*[st.integers(1, 12)] * 3)


@given(shape=SIZES, size=SIZES, overlap=st.sampled_from([0.0, 0.25, 0.5, 0.625]))
def test_windows_agree_with_monai_wherever_the_volume_is_as_large_as_one(shape, size, overlap):
    size = tuple(n if round(n - n * overlap) else 8 for n in size)  # MONAI cannot step by 0 voxels
    shape = tuple(max(n, wanted) for n, wanted in zip(shape, size, strict=True))
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    ours = sliding_windows(values, size, overlap=overlap, pad_value=-7.0)
    splitter = SlidingWindowSplitter(size, overlap=overlap, pad_value=-7.0)
    theirs = [patch[0, 0].numpy() for patch, _ in splitter(torch.from_numpy(values)[None, None])]
    np.testing.assert_array_equal(ours, np.stack(theirs))


@given(
    shape=SIZES,
    size=SIZES,
    overlap=st.sampled_from([0.0, 0.4]),
    kind=st.sampled_from([np.int16, np.float32]),
)
def test_every_voxel_is_in_a_window_even_of_a_volume_smaller_than_one(shape, size, overlap, kind):
    size = tuple(max(n, 2) for n in size)
    values = np.arange(np.prod(shape)).reshape(shape).astype(kind) + kind(1)
    windows = sliding_windows(values, size, overlap=overlap, pad_value=0.0)
    assert windows.dtype == np.float32
    assert windows.shape[1:] == size
    assert set(values.ravel().tolist()) | {0.0} >= set(windows.ravel().tolist())
    assert set(values.ravel().tolist()) <= set(windows.ravel().tolist())


def test_an_overlap_of_one_is_refused():
    with pytest.raises(ValueError, match=r"below 1, got 1.0"):
        sliding_windows(np.zeros((2, 2, 2), np.float32), (2, 2, 2), overlap=1.0, pad_value=0.0)


@given(shape=SIZES, size=SIZES, overlap=st.sampled_from([0.0, 0.25, 0.5, 0.9]))
def test_windows_for_inference_are_monais_the_last_moved_back(shape, size, overlap):
    shape = tuple(max(n, wanted) for n, wanted in zip(shape, size, strict=True))
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    ours = inference_windows(values, size, overlap=overlap, pad_value=-7.0)
    steps = [max(int(n * (1 - overlap)), 1) for n in size]
    theirs = [values[box] for box in dense_patch_slices(shape, size, steps)]
    np.testing.assert_array_equal(ours, np.stack(theirs))


@given(shape=SIZES, size=SIZES)
def test_for_inference_only_a_volume_smaller_than_a_window_is_padded_about_its_middle(shape, size):
    values = np.ones(shape, np.int16)
    windows = inference_windows(values, size, overlap=0.0, pad_value=0.0)
    assert windows.dtype == np.float32
    assert windows.shape[1:] == size
    for axis, (n, wanted) in enumerate(zip(shape, size, strict=True)):
        others = tuple({0, 1, 2} - {axis})
        filled = windows[0].max(axis=others)
        before = max(wanted - n, 0) // 2
        assert np.flatnonzero(filled).tolist() == list(range(before, before + min(n, wanted)))


def test_windows_for_inference_refuse_an_overlap_of_one():
    with pytest.raises(ValueError, match=r"below 1, got 1\.0"):
        inference_windows(np.zeros((4, 4, 4), np.float32), (2, 2, 2), overlap=1.0, pad_value=0.0)
