import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from mmfeat.preprocessing.tilted import tilted_slices

SIZES = st.tuples(*[st.integers(1, 7)] * 3)


@given(
    size=SIZES,
    shape=SIZES,
    matrix=arrays(np.float64, (3, 4), elements=st.floats(-3, 3, allow_subnormal=False)),
    kind=st.sampled_from([np.int16, np.float32]),
    seed=st.integers(0, 2**16),
)
def test_any_grid_gives_the_numbers_of_scipy(size, shape, matrix, kind, seed):
    values = np.random.default_rng(seed).integers(-9, 9, size).astype(kind)
    to_source = np.vstack([matrix, [0, 0, 0, 1]])
    ours = np.stack([plane.copy() for plane in tilted_slices(values, to_source, shape)])
    places = np.tensordot(matrix[:, :3], np.indices(shape), 1) + matrix[:, 3, None, None, None]
    wanted = ndimage.map_coordinates(values.astype(np.float64), places, order=1, mode="nearest")
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, wanted, atol=1e-4)
