import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.transforms import CenterSpatialCrop, CropForeground, SpatialPad

from mmfeat.preprocessing.cropping import centre_box, cut_out_multiples, padding_box
from mmfeat.preprocessing.foreground import foreground_box

SIZES = st.tuples(*[st.integers(1, 12)] * 3)


@given(shape=SIZES, size=SIZES)
def test_padding_and_cropping_about_the_centre_agree_with_monai(shape, size):
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) + 1
    crop = values[centre_box(shape, size)]
    ours = np.zeros(size, np.float32)
    ours[padding_box(crop.shape, size)] = crop
    theirs = CenterSpatialCrop(size)(SpatialPad(size)(torch.from_numpy(values)[None]))[0]
    np.testing.assert_array_equal(ours, theirs.numpy())


@given(shape=SIZES, size=SIZES, seed=st.integers(0, 99))
def test_a_box_grown_to_multiples_is_that_of_monais_crop_of_the_foreground(shape, size, seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(-1, 1, shape).astype(np.float32)
    values[tuple(generator.integers(n) for n in shape)] = 1
    box = foreground_box(values, 0)
    assert box is not None
    ours = cut_out_multiples(values, box, size, pad_value=0)
    crop = CropForeground(k_divisible=size, allow_smaller=True)
    np.testing.assert_array_equal(ours, crop(torch.from_numpy(values)[None])[0].numpy())
