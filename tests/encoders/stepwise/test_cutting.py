"""Cut channels into windows and slices."""

import numpy as np
import torch
from monai.inferers import SlidingWindowSplitter

from mmfeat.encoders.stepwise import Slices, SlidingBoxes, WholeScan

CHANNELS = np.random.default_rng(0).random((2, 10, 9, 7), np.float32)


def test_padded_boxes_are_monais_of_all_channels():
    splitter = SlidingWindowSplitter((4, 4, 4), overlap=0.5, pad_value=-1)
    expected = [window for window, _ in splitter(torch.from_numpy(CHANNELS)[None])]
    boxes = SlidingBoxes((4, 4, 4), overlap=0.5, last_window="padded", pad_value=-1)
    np.testing.assert_array_equal(boxes.windows(CHANNELS), torch.cat(expected).numpy())


def test_boxes_that_are_moved_back_have_no_padding_and_keep_channels_together():
    windows = SlidingBoxes((4, 4, 4)).windows(CHANNELS)
    assert windows.shape == (3 * 3 * 2, 2, 4, 4, 4)
    np.testing.assert_array_equal(windows[-1], CHANNELS[:, -4:, -4:, -4:])
    alone = SlidingBoxes((4, 4, 4)).windows(CHANNELS[:1])
    np.testing.assert_array_equal(windows[:, :1], alone)


def test_the_whole_scan_is_one_window():
    windows = WholeScan().windows(CHANNELS[:, ::-1])
    np.testing.assert_array_equal(windows, CHANNELS[None, :, ::-1])
    assert windows.flags.c_contiguous


def test_slices_are_those_of_the_first_axis():
    slices = Slices().windows(CHANNELS)
    assert slices.shape == (10, 2, 9, 7)
    np.testing.assert_array_equal(slices[3], CHANNELS[:, 3])
    assert slices.flags.c_contiguous


def test_of_more_slices_than_wanted_some_are_taken_evenly():
    numbered = np.arange(10, dtype=np.float32).reshape(1, 10, 1, 1)
    assert Slices(most=4).windows(numbered).ravel().tolist() == [1, 3, 6, 8]
    assert len(Slices(most=20).windows(numbered)) == 10
