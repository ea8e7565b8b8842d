"""Averaging onto a shape gives the numbers of MONAI's area resizing, in any order of memory."""

import numpy as np
import pytest
import torch
from monai.transforms import Resize

from mmfeat.preprocessing.area import average_onto

VALUES = np.random.default_rng(0).integers(-1000, 3000, (31, 58, 17)).astype(np.int16)


@pytest.mark.parametrize("shape", [(31, 58, 17), (10, 20, 30), (40, 7, 17), (1, 1, 1)])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_the_numbers_are_those_of_monai(shape, dtype):
    values = VALUES.astype(dtype)
    theirs = Resize(shape, mode="area")(torch.from_numpy(VALUES.astype(np.float32))[None])[0]
    ours = average_onto(values, shape)
    assert ours.dtype == np.float32
    assert ours.shape == shape
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-2)


def test_the_order_in_memory_changes_nothing():
    expected = average_onto(VALUES, (10, 20, 30))
    for order in ((2, 1, 0), (1, 0, 2)):
        stored = np.ascontiguousarray(VALUES.transpose(order)).transpose(np.argsort(order))
        np.testing.assert_allclose(average_onto(stored, (10, 20, 30)), expected, rtol=1e-6)
    mirrored = average_onto(VALUES[::-1], (10, 20, 30))[::-1]
    np.testing.assert_allclose(mirrored, expected, rtol=1e-6, atol=1e-4)


def test_the_mean_is_kept_where_the_shape_divides():
    assert average_onto(VALUES[:30, :56, :16], (10, 14, 8)).mean() == pytest.approx(
        VALUES[:30, :56, :16].mean(), abs=1e-2
    )
