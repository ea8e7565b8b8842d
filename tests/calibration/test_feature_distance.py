import numpy as np
import pytest

from mmfeat.calibration.feature_distance import FeatureDistance, Spread


def test_with_all_directions_it_is_the_usual_mahalanobis_distance():
    random = np.random.default_rng(0)
    mixing = random.standard_normal((4, 4))
    vectors = random.standard_normal((400, 4)) @ mixing
    new = random.standard_normal((7, 4)) @ mixing
    spread = Spread.fit(vectors)
    assert len(spread.variances) == 3  # and the last direction is what is left, exactly
    covariance = np.cov(vectors.T, bias=True)
    apart = new - vectors.mean(axis=0)
    squared = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(covariance), apart)
    np.testing.assert_allclose(spread.distances(new), np.sqrt(squared / 4), rtol=1e-9)


def test_wide_and_narrow_tables_are_fitted_alike():
    random = np.random.default_rng(1)
    vectors = random.standard_normal((40, 30)) @ np.diag(np.linspace(5, 0.1, 30))
    narrow = Spread.fit(vectors)
    wide = Spread.fit(np.hstack([vectors, np.zeros((40, 20))]))  # 50 columns, 20 of them constant
    np.testing.assert_allclose(wide.variances, narrow.variances, rtol=1e-9)
    np.testing.assert_allclose(
        np.abs(wide.directions[:, :30] @ narrow.directions.T), np.eye(8), atol=1e-6
    )


def test_new_cases_of_the_same_kind_are_as_far_as_known_ones():
    random = np.random.default_rng(2)
    vectors = random.standard_normal((150, 60)) @ random.standard_normal((60, 60))
    known, new = vectors[:100], vectors[100:]
    numbers = np.arange(100)
    parts = [(numbers[numbers % 5 != fold], numbers[numbers % 5 == fold]) for fold in range(5)]
    distance = FeatureDistance.fit(known, parts)
    _, shares = distance.measure(new)
    assert 0.3 < shares.mean() < 0.7
    far, of_far = distance.measure(10 * new)
    assert (of_far == 0).all()
    assert (far > distance.quantiles[-1]).all()


def test_cases_fitted_to_would_seem_nearer_than_they_are():
    # The reason for measuring fold by fold: 100 cases of 60 numbers fit themselves.
    random = np.random.default_rng(3)
    vectors = random.standard_normal((200, 60))
    spread = Spread.fit(vectors[:100])
    assert spread.distances(vectors[:100]).mean() < 0.97 * spread.distances(vectors[100:]).mean()


def test_a_share_counts_the_known_cases_at_least_as_far():
    distance = FeatureDistance(
        Spread.fit(np.array([[-1.0], [1.0]])), np.array([0.5, 1.0, 2.0, 4.0])
    )
    distances, shares = distance.measure(np.array([[0.0], [2.0], [3.0], [9.0]]))
    assert distances.tolist() == [0.0, 2.0, 3.0, 9.0]
    assert shares.tolist() == [1.0, 0.5, 0.25, 0.0]


def test_too_few_cases_tell_no_distance():
    vectors = np.ones((3, 2))
    assert FeatureDistance.fit(vectors, [(np.array([0]), np.array([1]))]) is None
    assert FeatureDistance.fit(vectors, [(np.array([0, 1]), np.array([], np.int64))]) is None
    with pytest.raises(ValueError, match="two vectors or more, got 1"):
        Spread.fit(vectors[:1])


def test_arrays_make_the_same_distance_again():
    vectors = np.random.default_rng(4).standard_normal((30, 6))
    numbers = np.arange(30)
    distance = FeatureDistance.fit(vectors, [(numbers[:20], numbers[20:])])
    again = FeatureDistance.from_arrays(distance.to_arrays())
    for one, other in zip(distance.measure(vectors), again.measure(vectors), strict=True):
        np.testing.assert_array_equal(one, other)
