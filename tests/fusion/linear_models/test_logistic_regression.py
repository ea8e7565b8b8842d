import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mmfeat.fusion.linear_models import logistic_regression
from mmfeat.fusion.linear_models.logistic_regression import LogisticFitter
from mmfeat.fusion.probabilities import to_answers
from mmfeat.fusion.task import Task

BINARY, CLASSES = Task.single("binary"), Task.single("multiclass", 3)


def _cases(n_cases, width, n_classes=2, seed=0):
    random = np.random.default_rng(seed)
    features = random.standard_normal((n_cases, width)) + 0.3
    classes = np.argmax(features[:, :n_classes] + random.gumbel(size=(n_cases, n_classes)), axis=1)
    return features, classes


@pytest.mark.parametrize(("width", "penalty"), [(5, 0.1), (80, 0.01), (80, 1.0)])
def test_binary_models_are_those_of_scikit_learn_also_when_rotated(width, penalty):
    features, classes = _cases(40, width)
    reference = LogisticRegression(C=penalty, tol=1e-10, max_iter=5000).fit(features, classes)
    model = LogisticFitter(features, classes, 1).fit(penalty)
    np.testing.assert_allclose(model.coefficients[:, 0], reference.coef_[0], atol=1e-4)
    np.testing.assert_allclose(model.intercepts, reference.intercept_, atol=1e-4)


@pytest.mark.parametrize("width", [6, 90])
def test_multiclass_models_predict_what_scikit_learns_do(width):
    features, classes = _cases(50, width, n_classes=3)
    reference = LogisticRegression(C=0.05, tol=1e-10, max_iter=5000).fit(features, classes)
    model = LogisticFitter(features, classes, 3).fit(0.05)
    found = to_answers(model.logits(features), CLASSES)
    np.testing.assert_allclose(found, reference.predict_proba(features), atol=1e-4)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_where_curvature_would_take_long_the_models_are_the_same(n_classes, monkeypatch):
    features, classes = _cases(60, 5, n_classes=n_classes)
    n_outputs = 1 if n_classes == 2 else n_classes
    expected = LogisticFitter(features, classes, n_outputs).fit(0.5).logits(features)
    monkeypatch.setattr(logistic_regression, "LARGEST_CURVATURE_FLOP", 0.0)
    found = LogisticFitter(features, classes, n_outputs).fit(0.5).logits(features)
    np.testing.assert_allclose(found, expected, atol=1e-2)
    assert not np.array_equal(found, expected)


def test_two_of_three_classes_give_the_third_a_small_probability():
    features, classes = _cases(60, 4)
    model = LogisticFitter(features, 2 * classes, 3).fit(1.0)
    probabilities = to_answers(model.logits(features), CLASSES)
    reference = LogisticRegression(C=1.0).fit(features, classes).predict_proba(features)
    ratio = probabilities[:, 2] / (probabilities[:, 0] + probabilities[:, 2])
    np.testing.assert_allclose(ratio, reference[:, 1], atol=1e-3)
    assert probabilities[:, 1].max() < 0.02


def test_one_class_gives_its_smoothed_base_rate():
    model = LogisticFitter(np.ones((9, 2)), np.zeros(9, dtype=np.int64), 1).fit(1.0)
    # (0 + 1/2) positives of 9 + 1 cases
    assert to_answers(model.logits(np.ones((1, 2))), BINARY).item() == pytest.approx(0.05)
