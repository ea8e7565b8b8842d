import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mmfeat.fusion.tree_models.trees import Trees


def _cases(seed, n=400):
    random = np.random.default_rng(seed)
    features = random.standard_normal((n, 6)).astype(np.float32)
    features[:, 5] = random.integers(3, size=n)
    features[random.random(features.shape) < 0.15] = np.nan
    scores = np.nan_to_num(features[:, 0]) * np.nan_to_num(features[:, 1]) + features[:, 2] ** 2
    return features, np.nan_to_num(scores, nan=2.0) + 0.3 * random.standard_normal(n)


@pytest.fixture(scope="module")
def boosters():
    features, scores = _cases(0)
    options = {"max_iter": 40, "min_samples_leaf": 5}
    return {
        "numbers": HistGradientBoostingRegressor(**options).fit(features, scores),
        "two classes": HistGradientBoostingClassifier(**options).fit(features, scores > 1),
        "three classes": HistGradientBoostingClassifier(**options).fit(
            features, np.digitize(scores, [0.5, 1.5])
        ),
    }


@pytest.mark.parametrize("name", ["numbers", "two classes", "three classes"])
def test_answers_are_those_of_scikit_learn(boosters, name):
    booster, trees = boosters[name], Trees.of(boosters[name])
    features, _ = _cases(1)
    features[:40, :3] = np.nan
    found = trees.predict(features)
    if name == "numbers":
        expected = booster.predict(features)[:, None]
    else:
        expected = booster.decision_function(features).reshape(found.shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_values_on_a_threshold_and_infinite_ones_go_the_same_way(boosters):
    trees = Trees.of(boosters["numbers"])
    inner = trees.left != np.arange(len(trees.left))
    features = np.zeros((inner.sum() + 2, 6))
    features[np.arange(inner.sum()), trees.feature[inner]] = trees.threshold[inner]
    features[-2:] = np.array([[np.inf], [-np.inf]])
    expected = _walked(trees, features)
    np.testing.assert_allclose(trees.predict(features)[:, 0], expected, rtol=0, atol=1e-12)
    finite = features[:-2]
    np.testing.assert_allclose(
        trees.predict(finite)[:, 0], boosters["numbers"].predict(finite), rtol=0, atol=1e-12
    )


def _walked(trees, features):
    """Walk every tree one case at a time."""
    totals = []
    for row in features:
        total = trees.start[0]
        for root in trees.roots:
            node = root
            while trees.left[node] != node:
                goes_left = row[trees.feature[node]] <= trees.threshold[node]
                node = trees.left[node] if goes_left else trees.right[node]
            total += trees.value[node]
        totals.append(total)
    return totals


def test_arrays_bring_the_same_trees_back(boosters):
    trees = Trees.of(boosters["three classes"])
    again = Trees.from_arrays(trees.arrays("a:"), "a:")
    features, _ = _cases(2)
    np.testing.assert_array_equal(again.predict(features), trees.predict(features))


def test_more_cases_than_are_walked_at_once_are_answered_alike(boosters, monkeypatch):
    trees, (features, _) = Trees.of(boosters["numbers"]), _cases(3)
    expected = trees.predict(features)
    monkeypatch.setattr("mmfeat.fusion.tree_models.trees._VALUES_AT_ONCE", 333)
    np.testing.assert_array_equal(trees.predict(features), expected)


def test_two_of_three_classes_share_the_difference_between_them(boosters):
    trees, (features, _) = Trees.of(boosters["two classes"]), _cases(4)
    spread = trees.of_classes(np.array([0, 2]), np.array([9.0, -7.0, 9.0])).predict(features)
    np.testing.assert_allclose(
        expit(spread[:, 2] - spread[:, 0]),
        boosters["two classes"].predict_proba(features)[:, 1],
        atol=1e-12,
    )
    assert (spread[:, 1] == -7.0).all()


def test_classes_get_the_places_they_are_given(boosters):
    trees, (features, _) = Trees.of(boosters["three classes"]), _cases(5)
    spread = trees.of_classes(np.array([3, 0, 2]), np.full(4, -8.0)).predict(features)
    np.testing.assert_array_equal(spread[:, [3, 0, 2]], trees.predict(features))
    assert (spread[:, 1] == -8.0).all()


def test_no_tree_is_one_answer_for_all():
    assert Trees.constant(np.array([0.5, 2.0])).predict(np.zeros((2, 3))).tolist() == [
        [0.5, 2.0],
        [0.5, 2.0],
    ]
