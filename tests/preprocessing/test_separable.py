import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from mmfeat.preprocessing.separable import Taps, interpolate

SIZES = st.tuples(*[st.integers(1, 7)] * 3)


@given(
    size=SIZES,
    new_size=SIZES,
    step=st.floats(0.05, 3.0),
    start=st.floats(-2.0, 4.0),
    order=st.permutations(range(3)),
    flips=st.tuples(*[st.booleans()] * 3),
    seed=st.integers(0, 2**16),
)
def test_any_view_of_any_array_gives_the_numbers_of_scipy(
    size, new_size, step, start, order, flips, seed
):
    values = np.random.default_rng(seed).normal(size=size).astype(np.float32).transpose(order)
    values = values[tuple(slice(None, None, -1 if flip else 1) for flip in flips)]
    positions = [start + step * np.arange(n) for n in new_size]
    taps = tuple(Taps.at(at, n) for at, n in zip(positions, values.shape, strict=True))
    wanted = ndimage.map_coordinates(
        values.astype(np.float64), np.meshgrid(*positions, indexing="ij"), order=1, mode="nearest"
    )
    np.testing.assert_allclose(interpolate(values, taps), wanted, atol=1e-5)


def test_beyond_the_edge_the_edge_goes_on():
    taps = Taps.at(np.array([-3.0, 0.25, 1.0, 9.0]), 2)
    assert taps.lower.tolist() == [0, 0, 1, 1]
    assert taps.upper.tolist() == [1, 1, 1, 1]
    assert taps.weight.tolist() == [0.0, 0.25, 0.0, 0.0]
