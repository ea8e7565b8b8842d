"""AUROC, average precision and balanced accuracy against scikit-learn, with ties and weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from mmfeat.metrics import auroc, average_precision, balanced_accuracy, roc_curve


@st.composite
def weighted_cases(draw):
    """Labels of both classes, scores with ties, whole-number weights that keep both classes."""
    n = draw(st.integers(2, 40))
    labels = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=float)
    labels[:2] = 0, 1
    scores = np.array(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))) / 8
    weights = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=float)
    weights[:2] += 1
    return labels, scores, weights


@given(weighted_cases())
def test_weighted_values_agree_with_scikit_learn(cases):
    labels, scores, weights = cases
    assert auroc(labels, scores, weights) == pytest.approx(
        sk.roc_auc_score(labels, scores, sample_weight=weights)
    )
    assert average_precision(labels, scores, weights) == pytest.approx(
        sk.average_precision_score(labels, scores, sample_weight=weights)
    )
    assert balanced_accuracy(labels, scores, weights) == pytest.approx(
        sk.balanced_accuracy_score(labels, scores >= 0.5, sample_weight=weights)
    )


@given(weighted_cases())
def test_a_whole_weight_counts_as_that_many_copies(cases):
    labels, scores, weights = cases
    copies = np.repeat(np.arange(len(labels)), weights.astype(int))
    for metric in (auroc, average_precision, balanced_accuracy):
        assert metric(labels, scores, weights) == pytest.approx(
            metric(labels[copies], scores[copies])
        )


@given(weighted_cases())
def test_reversed_scores_give_the_complement_of_the_auroc(cases):
    labels, scores, weights = cases
    assert auroc(labels, -scores, weights) == pytest.approx(1 - auroc(labels, scores, weights))


def test_auroc_counts_a_tie_as_one_half_by_hand():
    # Pairs (negative, positive): .1<.4, .1<.8, .4=.4, .4<.8: 3.5 of 4.
    assert auroc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8]) == 0.875


def test_one_class_is_undefined():
    for labels in ([1, 1], [0, 0]):
        assert np.isnan(auroc(labels, [0.2, 0.3]))
        assert np.isnan(average_precision(labels, [0.2, 0.3]))
        assert np.isnan(balanced_accuracy(labels, [0.2, 0.3]))


def test_no_cases_are_undefined():
    assert np.isnan(auroc([], []))


def test_the_roc_curve_is_that_of_scikit_learn():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 60).astype(float)
    scores = generator.integers(0, 12, 60) / 12
    false_positive, true_positive = roc_curve(labels, scores)
    expected_false, expected_true, _ = sk.roc_curve(labels, scores, drop_intermediate=False)
    np.testing.assert_allclose(false_positive, expected_false, atol=1e-12)
    np.testing.assert_allclose(true_positive, expected_true, atol=1e-12)
    assert np.trapezoid(true_positive, false_positive) == pytest.approx(auroc(labels, scores))


def test_a_roc_curve_of_one_class_is_refused():
    with pytest.raises(ValueError, match="positive and negative"):
        roc_curve([1, 1], [0.1, 0.2])


@pytest.mark.parametrize(
    ("labels", "scores", "weights", "message"),
    [
        ([0, 2], [0.1, 0.2], None, "0 or 1"),
        ([0, np.nan], [0.1, 0.2], None, "0 or 1"),
        ([0, 1], [0.1, np.nan], None, "1 scores are not finite"),
        ([0, 1], [0.1], None, "one length"),
        ([0, 1], [0.1, 0.2], [1.0], "weights"),
        ([0, 1], [0.1, 0.2], [1.0, -1.0], "weights"),
    ],
)
def test_nonsense_is_refused(labels, scores, weights, message):
    with pytest.raises(ValueError, match=message):
        auroc(labels, scores, weights)
