import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from monai.transforms import CropForeground

from mmfeat.preprocessing.foreground import foreground_box


@pytest.mark.parametrize("above_hu", [0.0, -1024.0, 400.0, 399.5])
def test_the_foreground_is_that_of_monai(volume, as_monai, above_hu):
    box = foreground_box(volume.hu, above_hu)
    theirs = CropForeground(select_fn=lambda hu: hu > above_hu)(as_monai(volume))[0].numpy()
    np.testing.assert_array_equal(volume.hu[box], theirs)


@given(
    size=st.tuples(*[st.integers(1, 6)] * 3),
    axes=st.permutations(range(3)),
    flip=st.booleans(),
    above=st.floats(-9.5, 9.5) | st.integers(-9, 9),
    kind=st.sampled_from([np.int16, np.float32]),
    seed=st.integers(0, 2**16),
)
def test_any_view_of_any_array_gives_the_box_of_its_places(size, axes, flip, above, kind, seed):
    values = np.random.default_rng(seed).integers(-9, 10, size).astype(kind).transpose(axes)
    values = values[::-1, :, ::-1] if flip else values
    places = np.argwhere(values > above)
    box = foreground_box(values, above)
    if not len(places):
        assert box is None
        return
    assert [axis.start for axis in box] == places.min(axis=0).tolist()
    assert [axis.stop - 1 for axis in box] == places.max(axis=0).tolist()


@pytest.mark.parametrize(("above", "found"), [(-40_000.0, True), (40_000.0, False)])
def test_values_beyond_int16_are_told_apart_from_all_voxels(above, found):
    values = np.array([-32768, 32767], np.int16).reshape(1, 1, 2)
    assert (foreground_box(values, above) is not None) == found


def test_no_mask_of_the_whole_volume_is_made():
    values = np.zeros((64, 64, 64), np.int16)
    tracemalloc.start()
    foreground_box(values, 0.0)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < values.size / 8
