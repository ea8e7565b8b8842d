import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mmfeat.preprocessing.separable import Taps, straight_slices

SIZES = st.tuples(*[st.integers(1, 7)] * 3)


@given(
    size=SIZES,
    new_size=SIZES,
    step=st.floats(0.05, 3.0),
    start=st.floats(-2.0, 4.0),
    backwards=st.tuples(*[st.booleans()] * 3),
    kind=st.sampled_from([np.int16, np.float32]),
    seed=st.integers(0, 2**16),
)
def test_the_numbers_are_those_of_scipy(size, new_size, step, start, backwards, kind, seed):
    values = np.random.default_rng(seed).integers(-9, 9, size).astype(kind)
    positions = [start + step * np.arange(n) for n in new_size]
    positions = [p[::-1] if back else p for p, back in zip(positions, backwards, strict=True)]
    taps = tuple(Taps.at(at, n) for at, n in zip(positions, size, strict=True))
    ours = np.stack([values.copy() for values in straight_slices(values, taps)])
    wanted = ndimage.map_coordinates(
        values.astype(np.float64), np.meshgrid(*positions, indexing="ij"), order=1, mode="nearest"
    )
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, wanted, atol=1e-4)


def test_beyond_the_edge_the_edge_goes_on():
    taps = Taps.at(np.array([-3.0, 0.25, 1.0, 9.0]), 2)
    assert taps.lower.tolist() == [0, 0, 1, 1]
    assert taps.upper.tolist() == [1, 1, 1, 1]
    assert taps.weight.tolist() == [0.0, 0.25, 0.0, 0.0]


def test_a_position_on_a_voxel_but_for_rounding_is_that_voxel():
    taps = Taps.at(np.array([1 - 1e-9, 2 + 1e-9, 2.5]), 4)
    assert taps.lower.tolist() == [1, 2, 2]
    assert taps.weight.tolist() == [0.0, 0.0, 0.5]
