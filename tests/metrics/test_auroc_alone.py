"""The AUROC alone is that of the whole sets of metrics, for any weights."""

import numpy as np
import pytest

from mmfeat.metrics import (
    AurocAlone,
    BinaryMetrics,
    MulticlassMetrics,
    MultilabelMetrics,
    bootstrap,
)
from mmfeat.metrics.metric_set import MetricKey

KEY = MetricKey("auroc")
N_CASES = 80


@pytest.fixture
def random():
    return np.random.default_rng(0)


@pytest.fixture
def weights(random):
    return random.integers(0, 3, size=(20, N_CASES)).astype(float)


@pytest.fixture
def folds(random):
    return random.integers(0, 3, N_CASES)


def test_of_one_output_it_is_that_of_the_binary_metrics(random, weights, folds):
    labels, scores = random.integers(0, 2, N_CASES), random.random(N_CASES)
    alone = AurocAlone(labels[:, None], scores[:, None], outputs=["1"], folds=folds)
    whole = BinaryMetrics(labels, scores, folds=folds)
    np.testing.assert_array_equal(alone(weights)[KEY], whole(weights)[KEY])
    assert alone.counts(KEY) == whole.counts(KEY)
    assert alone.left_out(KEY) is None


def test_of_classes_it_is_the_mean_of_one_against_the_rest(random, weights, folds):
    labels, names = random.integers(0, 3, N_CASES), ["a", "b", "c"]
    scores = random.dirichlet([1, 1, 1], N_CASES)
    alone = AurocAlone(np.eye(3)[labels], scores, outputs=names, folds=folds)
    whole = MulticlassMetrics(labels, scores, classes=names, folds=folds)
    np.testing.assert_allclose(alone(weights)[KEY], whole(weights)[KEY], rtol=1e-12)
    assert alone.counts(KEY) == whole.counts(KEY) == (N_CASES, None)


def test_of_labels_it_leaves_out_what_is_unknown_and_names_what_is_undefined(
    random, weights, folds
):
    labels = random.integers(0, 2, (N_CASES, 3)).astype(float)
    labels[random.random(labels.shape) < 0.3] = np.nan
    labels[:, 2] = 0.0
    scores, names = random.random((N_CASES, 3)), ["a", "b", "c"]
    alone = AurocAlone(labels, scores, outputs=names, folds=folds)
    whole = MultilabelMetrics(labels, scores, names=names, folds=folds)
    np.testing.assert_allclose(alone(weights)[KEY], whole(weights)[KEY], rtol=1e-12)
    assert alone.left_out(KEY) == whole.left_out(KEY) == "without `c`: undefined there"


@pytest.mark.parametrize(
    ("n_cases", "reason"),
    [(0, "no case with a label"), (4, "no fold has both positive and negative cases")],
)
def test_what_is_undefined_says_why(n_cases, reason):
    ones = np.ones((n_cases, 1))
    alone = AurocAlone(ones, ones, outputs=["1"], folds=np.zeros(n_cases))
    found = bootstrap(
        {"it": alone},
        [f"p{number}" for number in range(n_cases)],
        n_resamples=10,
        confidence=0.95,
        seed=0,
    ).estimate("it", KEY)
    assert found.point is None
    assert found.reason == reason


def test_arrays_that_do_not_fit_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match=r"expected two arrays \(cases, 2\), got \(3, 1\)"):
        AurocAlone(np.zeros((3, 1)), np.zeros((3, 1)), outputs=["a", "b"], folds=np.zeros(3))
