import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from mmfeat.tabular.vector_scaling import VectorScaling


def test_agrees_with_scikit_learn_over_several_blocks_of_rows_and_columns():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(5000, 300)) * rng.lognormal(size=300) + 100).astype(np.float32)
    expected = StandardScaler().fit(vectors[:1000].astype(np.float64))
    scaling = VectorScaling.fit(vectors[:1000])
    np.testing.assert_allclose(scaling.mean, expected.mean_, rtol=1e-9)
    np.testing.assert_allclose(scaling.sd, expected.scale_, rtol=1e-9)
    scaled = expected.transform(vectors.astype(np.float64))
    np.testing.assert_allclose(scaling.scale(vectors), scaled, rtol=1e-6, atol=1e-6)


def test_a_constant_column_becomes_zero_and_wild_values_are_clipped():
    scaling = VectorScaling.fit(np.array([[1, 7], [3, 7]], np.float32))
    scaled = scaling.scale(np.array([[2, 7], [1e30, 9]], np.float32))
    assert scaled.tolist() == [[0, 0], [10, 0]]
    assert scaled.dtype == np.float32


def test_without_rows_everything_becomes_zero():
    scaling = VectorScaling.fit(np.empty((0, 3), np.float32))
    assert scaling.width == 3
    assert not scaling.scale(np.ones((2, 3), np.float32)).any()


def test_blocks_of_any_size_give_what_the_whole_gives():
    rng = np.random.default_rng(0)
    vectors = (rng.normal(size=(501, 7)) * rng.lognormal(size=7) + 100).astype(np.float32)
    vectors[:, 3] = 0.1
    whole = VectorScaling.fit(vectors)
    blocks = np.split(vectors, [0, 1, 7, 200, 200, 480])
    found = VectorScaling.fit_in_blocks(blocks, width=7)
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-13)
    np.testing.assert_allclose(found.sd, whole.sd, rtol=1e-9)
    assert found.sd[3] == whole.sd[3] == 0
    assert not VectorScaling.fit_in_blocks([], width=2).sd.any()


@pytest.mark.parametrize(
    ("mean", "sd", "message"),
    [
        ([0.0], [1.0, 1.0], "one shape"),
        ([np.nan], [1.0], "must be finite"),
        ([0.0], [np.inf], "must be finite"),
        ([0.0], [-1.0], "not negative"),
    ],
)
def test_impossible_statistics_are_refused(mean, sd, message):
    with pytest.raises(ValueError, match=message):
        VectorScaling(np.array(mean), np.array(sd))
