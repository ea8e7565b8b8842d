import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.preprocessing import QuantileTransformer, StandardScaler

from mmfeat.tabular.scaling import QuantileScaling, StandardScaling, moments, standardise

NUMBERS = hnp.arrays(
    np.float64, st.integers(0, 30), elements=st.floats(-1e100, 1e100, allow_subnormal=True)
)
SAMPLES = {
    "normal": np.random.default_rng(0).normal(50, 7, 400),
    "many": np.random.default_rng(1).lognormal(size=3000),
    "ties": np.random.default_rng(2).integers(0, 4, 300).astype(float),
    "two": np.array([3.0, 8.0]),
    "narrow": 1 + np.random.default_rng(3).random(50) * 1e-8,
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_standard_scaling_equals_scikit_learn(sample):
    train = SAMPLES[sample]
    new = np.concatenate([train, train + 0.3 * train.std()])
    expected = StandardScaler().fit(train[:, None]).transform(new[:, None])[:, 0]
    ours = StandardScaling.fit(train).scale(new)
    np.testing.assert_allclose(ours, expected.clip(-10, 10), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("sample", SAMPLES)
def test_quantile_scaling_equals_scikit_learn(sample):
    train = SAMPLES[sample]
    new = np.concatenate([train, np.linspace(train.min() - 1, train.max() + 1, 501)])
    reference = QuantileTransformer(
        output_distribution="normal", n_quantiles=min(1000, len(train)), subsample=None
    )
    expected = reference.fit(train[:, None]).transform(new[:, None])[:, 0]
    np.testing.assert_allclose(QuantileScaling.fit(train).scale(new), expected, atol=1e-9)


def test_values_far_outside_the_training_range_are_clipped_to_ten_deviations():
    scaling = StandardScaling.fit(np.array([-1.0, 1.0]))
    assert scaling.scale(np.array([-1e9, -9.5, 10.5])).tolist() == [-10.0, -9.5, 10.0]


@pytest.mark.parametrize("train", [[], [5.0], [5.0] * 3, [0.1] * 7])
@pytest.mark.parametrize("scaling", [StandardScaling, QuantileScaling])
def test_a_constant_or_empty_training_part_gives_zeros(scaling, train):
    fitted = scaling.fit(np.array(train))
    assert fitted.scale(np.array([0.0, 5.0, 1e30])).tolist() == [0.0] * 3


@given(NUMBERS, NUMBERS)
def test_scaled_values_are_always_finite_and_in_range(train, new):
    for scaling in (StandardScaling, QuantileScaling):
        scaled = scaling.fit(train).scale(new)
        assert np.isfinite(scaled).all()
        assert (np.abs(scaled) <= 10).all()


@given(NUMBERS, st.randoms(use_true_random=False))
def test_the_order_of_the_training_values_makes_no_difference(train, random):
    shuffled = train.copy()
    random.shuffle(shuffled)
    for scaling in (StandardScaling, QuantileScaling):
        assert scaling.fit(train) == scaling.fit(shuffled)


def test_moments_by_hand():
    mean, sd = moments(np.array([[1.0, 5.0, -2.0], [2.0, 5.0, 2.0], [3.0, 5.0, 6.0]]))
    np.testing.assert_allclose(mean, [2, 5, 2])
    np.testing.assert_allclose(sd, [np.sqrt(2 / 3), 0, np.sqrt(32 / 3)])


def test_a_column_that_varies_only_by_rounding_is_constant():
    value = np.float32(1000.1)
    noisy = np.array([[value], [np.nextafter(value, np.float32(2000))], [value]])
    assert moments(noisy)[1] == 0
    assert moments(noisy.astype(np.float64))[1] > 0


def test_no_rows_have_moments_of_zero():
    mean, sd = moments(np.empty((0, 2)))
    assert (mean.tolist(), sd.tolist()) == ([0, 0], [0, 0])


def test_standardise_works_column_by_column():
    scaled = standardise(np.array([[3.0, 9.0], [1.0, 9.0]]), [1.0, 9.0], [2.0, 0.0])
    assert scaled.tolist() == [[1.0, 0.0], [0.0, 0.0]]
