import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.transforms import CenterSpatialCrop, SpatialPad

from mmfeat.preprocessing.cropping import centre_box, padding_box

SIZES = st.tuples(*[st.integers(1, 12)] * 3)


@given(shape=SIZES, size=SIZES)
def test_padding_and_cropping_about_the_centre_agree_with_monai(shape, size):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    crop = values[centre_box(shape, size)]
    ours = np.zeros(size, np.float32)
    ours[padding_box(crop.shape, size)] = crop
    theirs = CenterSpatialCrop(size)(SpatialPad(size)(torch.from_numpy(values)[None]))[0]
    np.testing.assert_array_equal(ours, theirs.numpy())
